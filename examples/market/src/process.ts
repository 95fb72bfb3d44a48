/** Exit code of a process whose reader has gone away, as shells know it: 128 and SIGPIPE. */
export const nobodyReads = 141;

/** Calls `leave` when the process that started this one is gone. Started by hand, there is none to watch. */
export function whenParentIsGone(leave: () => void): void {
  if (process.send === undefined) return;
  // Ctrl-C reaches every process of a terminal. The one that started us decides what becomes of us.
  process.on("SIGINT", () => {});
  process.on("disconnect", leave);
  // Listening for the parent's end must not keep this process alive.
  process.channel?.unref();
  // It may have gone while this process was still starting.
  if (process.connected === false) leave();
}

/** `npm start | head`: what nobody reads any more need not be computed, and is no error. */
export function leaveWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(nobodyReads);
  });
}
