import { createClient, FarcallError, manualResolver } from "@farcall/client";
import { createServer, drainOnSignals } from "@farcall/server";
import type { Framework } from "../framework.js";
import { Market } from "../gen/contract.js";

const events = ["connecting", "ready", "suspect", "reconnecting", "draining", "endpointAdded", "closed"] as const;

function urlOf(port: number): string {
  return `ws://127.0.0.1:${port}`;
}

/** Farcall as its users get it. No option is set that is not needed to find the servers. */
export const farcall: Framework = {
  name: "farcall",
  title: "Farcall as it comes",
  packages: ["@farcall/client", "@farcall/server", "ws"],

  async serve(handler, port) {
    const server = createServer({ port });
    server.implement(Market, {
      quote: (ask) => handler("quote", ask),
      order: (ask) => handler("order", ask),
    });
    drainOnSignals(server);
    return (await server.listen()).port;
  },

  connect(ports, { mayGrow, note }) {
    const resolver = mayGrow ? manualResolver(ports.map(urlOf)) : undefined;
    const client = createClient(resolver ?? ports.map(urlOf));
    for (const event of events) client.on(event, (told: object) => note(`${event} ${JSON.stringify(told)}`));
    const market = client.service(Market);
    return {
      call: (kind, ask, timeoutMs) => market[kind](ask, { timeoutMs }),
      setPorts(now) {
        if (resolver === undefined) throw new Error("connected without mayGrow");
        resolver.set(now.map(urlOf));
      },
      close: () => client.close(),
    };
  },

  describe(error) {
    if (!FarcallError.is(error)) return { code: "not a FarcallError", executed: undefined, message: String(error) };
    return { code: error.code, executed: error.executed, message: error.message };
  },
};
