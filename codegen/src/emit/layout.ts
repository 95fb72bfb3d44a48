/** Formatting in the small: one line where it fits, one item per line where it does not. */

const width = 110;
const identifier = /^[A-Za-z_$][\w$]*$/;

/** `open item, item close`, broken up when it grows too long or an item is broken up itself. */
export function group(open: string, items: readonly string[], close: string, { pad = "", reserve = 0 } = {}): string {
  if (items.length === 0) return open + close;
  const line = `${open}${pad}${items.join(", ")}${pad}${close}`;
  if (line.length + reserve <= width && !line.includes("\n")) return line;
  return `${open}\n${items.map((item) => `${indent(item)},\n`).join("")}${close}`;
}

/** Lines end with a line feed only: U+2028 inside a string of the contract is no end of a line. */
export function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? line : `  ${line}`))
    .join("\n");
}

export function objectLiteral(entries: readonly (readonly [string, string])[], reserve = 0): string {
  return group(
    "{",
    entries.map(([key, value]) => `${propertyKey(key)}: ${value}`),
    "}",
    { pad: " ", reserve },
  );
}

export function propertyKey(name: string): string {
  return identifier.test(name) ? name : JSON.stringify(name);
}

export function literal(value: string | number | boolean | bigint): string {
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** A doc comment; empty for no lines. */
export function docComment(lines: readonly string[]): string {
  const safe = lines.map((line) => line.replaceAll("*/", "*\\/"));
  if (safe.length === 0) return "";
  if (safe.length === 1) return `/** ${safe[0] ?? ""} */\n`;
  return `/**\n${safe.map((line) => (line === "" ? " *\n" : ` * ${line}\n`)).join("")} */\n`;
}
