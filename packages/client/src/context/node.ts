import { AsyncLocalStorage } from "node:async_hooks";
import { type CallContext, installContextCarrier } from "@farcall/protocol";

/** Lets calls made while serving a call inherit its deadline, cancellation and trace. Costs every promise a little. */
export function installAsyncContext(): void {
  installContextCarrier(() => {
    const storage = new AsyncLocalStorage<CallContext>();
    return { run: (ctx, body) => storage.run(ctx, body), current: () => storage.getStore() };
  });
}
