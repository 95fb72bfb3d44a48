/** Calls `stop` once, at SIGTERM, at Ctrl-C or when the process that started this one is gone. */
export function whenToldToStop(stop: () => void | Promise<void>): void {
  let stopping = false;
  const once = (): void => {
    if (stopping) return;
    stopping = true;
    Promise.resolve(stop()).catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
  };
  process.on("SIGTERM", once);
  process.on("SIGINT", once);
  process.on("disconnect", once);
  // Listening for the parent's end must not keep this process alive.
  process.channel?.unref();
  // It may have gone while this process was still starting.
  if (process.connected === false) once();
}
