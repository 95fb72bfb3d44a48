/** Where a server reports what no caller may see. The methods of `console`, pino and winston fit. */
export interface Logger {
  error(message: string): void;
  warn(message: string): void;
}

/** Line breaks and control characters from outside must not forge log lines. */
export function escapeForLog(text: string): string {
  return text.replace(/(?!\n)\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** A logger whose own faults stay its own. */
export function isolateLogger(logger: Logger): Logger {
  const guard = (level: "error" | "warn") => (message: string) => {
    try {
      logger[level](message);
    } catch {
      // There is nowhere left to report to.
    }
  };
  return { error: guard("error"), warn: guard("warn") };
}
