import { isMainThread, Worker, workerData } from "node:worker_threads";

const everyMs = 1_000;

/**
 * Ends this process when its parent is gone, even while the main thread is stuck in a loop and hears nothing.
 * A thread that wakes once a second is too little to show in the figures.
 */
export function watchParent(): void {
  process.on("disconnect", () => process.exit());
  new Worker(new URL(import.meta.url), { workerData: process.ppid, execArgv: [] }).unref();
}

if (!isMainThread) {
  setInterval(() => {
    if (process.ppid !== workerData) process.kill(process.pid, "SIGKILL");
  }, everyMs);
}
