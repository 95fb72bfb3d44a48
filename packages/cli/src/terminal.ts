import pc from "picocolors";

type Colors = ReturnType<typeof pc.createColors>;

/** What a command may touch of the process around it. */
export interface Terminal {
  readonly cwd: string;
  /** For stderr, where findings go; plain when it is no terminal or NO_COLOR is set. */
  readonly colors: Colors;
  /** One line to stdout. */
  out(line: string): void;
  /** One line to stderr. */
  err(line: string): void;
}

export function processTerminal(): Terminal {
  const forced = process.env.FORCE_COLOR !== undefined && process.env.FORCE_COLOR !== "";
  const allowed = process.env.NO_COLOR === undefined || process.env.NO_COLOR === "";
  return {
    cwd: process.cwd(),
    colors: pc.createColors(allowed && (forced || (process.stderr.isTTY && process.stdout.isTTY))),
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
  };
}
