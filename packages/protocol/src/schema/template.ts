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

const integer = /^-?(?:0|[1-9]\d*|0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+)$/;

/** By TypeScript's rules: whatever `Number()` makes a finite number of, blanks around it included; and a bigint as in code. */
function fills(text: string, hole: TemplateHole): boolean {
  switch (hole) {
    case "string":
      return true;
    case "number":
      return text !== "" && Number.isFinite(Number(text));
    case "bigint":
      return integer.test(text);
  }
}

/** As it would stand in a contract. */
export function renderTemplate(texts: readonly string[], holes: readonly TemplateHole[]): string {
  const parts = texts.map((text, index) => `${text}${index < holes.length ? `\${${holes[index] as string}}` : ""}`);
  return `\`${parts.join("")}\``;
}
