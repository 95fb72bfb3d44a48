import type { TemplateHole } from "./shape.js";

/**
 * Whether `value` is of the template literal type with these texts and holes. As in TypeScript, a hole ends where the
 * next text first occurs, and of two holes side by side the first takes one character; so there is nothing to try twice.
 */
export function isTemplate(value: unknown, texts: readonly string[], ...holes: readonly TemplateHole[]): value is string {
  if (typeof value !== "string") return false;
  const first = texts[0] as string;
  const last = texts.at(-1) as string;
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
  const end = value.length - last.length;
  let position = first.length;
  for (let i = 0; i < holes.length; i++) {
    const isLast = i === holes.length - 1;
    const text = texts[i + 1] as string;
    const next = isLast ? end : text === "" ? position + 1 : value.indexOf(text, position);
    if (next < position || next > end || !fills(value.slice(position, next), holes[i] as TemplateHole)) return false;
    position = next + text.length;
    if (!isLast && position > end) return false;
  }
  return true;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const based = /^0(?:[xX][\da-fA-F]+|[oO][0-7]+|[bB][01]+)$/;
const integer = /^-?\d+$/;

function fills(text: string, hole: TemplateHole): boolean {
  switch (hole) {
    case "string":
      return true;
    case "number":
      return (decimal.test(text) && Number.isFinite(Number(text))) || based.test(text);
    case "bigint":
      return integer.test(text) || based.test(text);
  }
}

/** As it would stand in a contract. */
export function renderTemplate(texts: readonly string[], holes: readonly TemplateHole[]): string {
  const parts = texts.map((text, index) => `${text}${index < holes.length ? `\${${holes[index] as string}}` : ""}`);
  return `\`${parts.join("")}\``;
}
