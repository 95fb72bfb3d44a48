/** Where a side reports what its peer may not see. The methods of `console`, pino and winston fit. */
export interface Logger {
  error(message: string): void;
  warn(message: string): void;
}

/** Line breaks and control characters from outside must not forge log lines. */
export function escapeForLog(text: string): string {
  return text.replace(/(?!\n)\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
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
