// Loaded before the specs: a process warning (too many listeners, a deprecation, ...) fails the test that caused it.
// Thrown from here it becomes an uncaught exception, which mocha charges to the running test.
process.on("warning", (warning) => {
  if (warning.name !== "ExperimentalWarning") throw warning;
});

/** Something that a test has left open would keep the process, and whoever waits for it, for good. */
export function mochaGlobalTeardown() {
  setTimeout(() => {
    console.error(`still open 10 s after the last test: ${process.getActiveResourcesInfo().join(", ")}`);
    // Mocha's own listener, which comes first, sets the number of failures.
    process.once("exit", () => {
      process.exitCode = 1;
    });
    process.exit();
  }, 10_000).unref();
}
