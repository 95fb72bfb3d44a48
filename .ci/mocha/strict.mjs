// Loaded before the specs: a process warning (too many listeners, a deprecation, ...) fails the test that caused it.
// Thrown from here it becomes an uncaught exception, which mocha charges to the running test.
process.on("warning", (warning) => {
  if (warning.name !== "ExperimentalWarning") throw warning;
});
