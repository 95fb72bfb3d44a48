import { isMainThread, Worker } from "node:worker_threads";

// Preloaded: what the main thread was asked to run runs in a worker too, and counts only if it ends well there.
if (isMainThread) {
  const worker = new Worker(process.argv[1] as string);
  worker.on("error", (error) => {
    throw error;
  });
}
