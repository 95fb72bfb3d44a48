/** What `run` throws. Fails when it throws nothing. */
export function failureOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("expected a failure, got none");
}
