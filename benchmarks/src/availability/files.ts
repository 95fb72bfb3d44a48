/** Names of the files in the folder of a run. */
export const files = {
  run: "run.jsonl",
  calls: "calls.jsonl",
  /** One for each server, kept through its restarts. */
  serverPrefix: "server-",
  /** What the client said of its connections; for people. */
  notes: "notes.jsonl",
} as const;
