import { runCommandLine } from "./command-line.js";
import { processTerminal } from "./terminal.js";

// Whoever reads what is printed may stop early, as `head` does: what is left to say is for nobody.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

process.exitCode = await runCommandLine(process.argv, processTerminal());
