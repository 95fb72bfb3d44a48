/**
 * Every code the generator reports, with what it means in general. The numbers are public: they are searched for,
 * linked to and silenced by, so a code is never given another meaning.
 */
export const codes = {
  FC1001: "an input cannot be read",
  FC1002: "TypeScript itself refuses the input",
  FC1003: "an input declares no service",
  FC1004: "two services share one wire name",
  FC1005: "two inputs would be written to one file",
  FC1006: "the output would overwrite a file that is not generated",
  FC1007: "a service is not an export of its file",
  FC1008: "@service stands on something that is no interface or class",
  FC1009: "a wire name is not valid",
  FC1010: "a service has type parameters",
  FC1011: "a service's name collides with another name in the generated file",
  FC1012: "no export has the name of a service",
  FC1013: "no service has a member that is to be left out",

  FC1101: "a member of a service is not a method",
  FC1103: "overloads that the wire cannot tell apart",
  FC1104: "a generic method whose result only the caller knows",
  FC1105: "a rest parameter that is no list",
  FC1106: "a method returns what cannot be answered",
  FC1107: "a method has two stream parameters, or two signals",
  FC1108: "a method's name is reserved",
  FC1109: "a generator's return or next value would be lost",
  FC1110: "a stream parameter is optional",
  FC1111: "a parameter cannot be passed on",
  FC1112: "a tag has a value that makes no sense",
  FC1113: "a doc comment is not attached to anything",
  FC1114: "a routing key that is not one primitive value",

  FC1115: "a constraint that does not fit its type",
  FC1116: "a constraint that makes no sense",
  FC1117: "an error that cannot be declared",

  FC1201: "a function in data",
  FC1202: "a class instance in data",
  FC1203: "a symbol in data",
  FC1204: "a built-in type that does not travel",
  FC1205: "a type that allows anything",
  FC1206: "a template literal type",
  FC1207: "an intersection that cannot be flattened",
  FC1208: "a Promise or stream inside data",
  FC1209: "number and bigint in one place",
  FC1210: "a type that is still open",
  FC1211: "a property name that cannot travel",
  FC1212: "an index signature that cannot travel",
  FC1213: "a tuple with a rest element before its end",
  FC1214: "a type without values",
  FC1215: "a type that only its name can express",
  FC1216: "a recursive union whose arms cannot be told apart",
  FC1217: "a type that never ends",
  FC1218: "an enum with computed members",
  FC1219: "two types in one place that look alike on the wire",
  FC1220: "a Map key or Set member that is not a primitive",

  FC1901: "a tag that is known but not acted on yet",
  FC1902: "a tag that is not known",
  FC1903: "a tag in a place where it has no effect",
  FC1904: "a member keyed by a symbol is passed over",
  FC1905: "a brand is passed over",
  FC1906: "a method that has no place in a stream is not generated",
  FC1907: "a member of a class that is not a method is not generated",
  FC1908: "an overload that takes a callback is not generated",
} as const;

export type DiagnosticCode = keyof typeof codes;

/** One finding, complete enough to be shown without the source at hand. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  /** An error keeps the whole run from writing anything. */
  readonly severity: "error" | "warning";
  readonly message: string;
  /** How to write it instead. */
  readonly hint: string | undefined;
  /** Relative to the working directory, with forward slashes. */
  readonly file: string;
  /** Counted from 1; absent when the finding is about the file as a whole. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** The source line and how many of its characters, from `column` on, are meant. */
  readonly source: { readonly text: string; readonly length: number } | undefined;
  /** Where inside the contract: `Inventory.reserve > order > lines[] > callback`. */
  readonly path: string | undefined;
}

/** The colour functions that formatting needs; picocolors has them. */
export interface Palette {
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const plain = (text: string): string => text;
const noColors: Palette = { red: plain, yellow: plain, bold: plain, dim: plain, cyan: plain };

/** Several lines for a terminal: what is wrong, where, the code with a caret, and how to write it instead. */
export function formatDiagnostic(diagnostic: Diagnostic, colors: Palette = noColors): string {
  const { code, severity, message, file, line, column, source, path, hint } = diagnostic;
  const paint = severity === "error" ? colors.red : colors.yellow;
  const lines = [`${paint(colors.bold(`${severity} ${code}`))}${colors.bold(`: ${message}`)}`];
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  const gutter = " ".repeat(line === undefined ? 2 : String(line).length + 1);
  const bar = colors.dim("|");
  lines.push(`${gutter}${colors.dim("at")} ${colors.cyan(place)}`);
  if (source !== undefined && line !== undefined && column !== undefined) {
    // Tabs before the caret are repeated below it, so that it lands in the right place at any tab width.
    const indent = source.text.slice(0, column - 1).replace(/[^\t]/g, " ");
    lines.push(`${gutter}${bar}`);
    lines.push(`${colors.dim(String(line))} ${bar} ${source.text}`);
    lines.push(`${gutter}${bar} ${indent}${paint("^".repeat(Math.max(1, source.length)))}`);
  }
  if (path !== undefined) lines.push(`${gutter}${colors.dim("in")} ${path}`);
  if (hint !== undefined) lines.push(`${gutter}${colors.dim("hint:")} ${hint}`);
  return lines.join("\n");
}
