/** Where a side reports what its peer may not see. The methods of `console`, pino and winston fit. */
export interface Logger {
  error(message: string): void;
  warn(message: string): void;
}

/** Control characters, separators that some viewers break lines at, and what turns the direction of text. */
const treacherous = /(?!\n)\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text from outside must not forge log lines: what a terminal or a viewer might obey is escaped, and every line after
 * the first is indented, so that none of them looks like the beginning of an entry.
 */
export function escapeForLog(text: string): string {
  const escaped = text.replace(treacherous, (c) => {
    const code = c.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return escaped.replace(/\n(?! {4})/g, "\n    ");
}

/** @throws TypeError when it cannot be written to. */
export function parseLogger(given: Logger | undefined, where: string): Logger {
  const logger = given ?? console;
  if (typeof logger?.error !== "function" || typeof logger.warn !== "function") {
    throw new TypeError(`${where} logger must have the methods error(message) and warn(message)`);
  }
  return isolateLogger(logger);
}

/** A logger whose own faults stay its own. */
function isolateLogger(logger: Logger): Logger {
  const guard = (level: "error" | "warn") => (message: string) => {
    try {
      logger[level](message);
    } catch {
      // There is nowhere left to report to.
    }
  };
  return { error: guard("error"), warn: guard("warn") };
}
