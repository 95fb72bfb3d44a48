import { createClient, FarcallError } from "@farcall/client";
import { createServer } from "@farcall/server";
import type { Framework } from "../framework.js";
import { Market } from "../gen/contract.js";

/** Farcall as its users get it. No option is set that is not needed to find the servers. */
export const farcall: Framework = {
  name: "farcall",
  title: "Farcall as it comes",
  packages: ["@farcall/client", "@farcall/server", "ws"],
  cannotGrow: "its client takes a fixed list",

  async serve(handler, port) {
    const server = createServer({ port });
    server.implement(Market, {
      quote: (ask) => handler("quote", ask),
      order: (ask) => handler("order", ask),
    });
    const listening = await server.listen();
    return { port: listening.port, drain: () => server.drain() };
  },

  connect(ports, { note }) {
    const client = createClient(ports.map((port) => `ws://127.0.0.1:${port}`));
    for (const event of ["connecting", "ready", "reconnecting", "draining", "closed"] as const)
      client.on(event, (told: object) => note(`${event} ${JSON.stringify(told)}`));
    const market = client.service(Market);
    return {
      call: (kind, ask, timeoutMs) => market[kind](ask, { timeoutMs }),
      setPorts() {
        throw new Error("a Farcall client takes a fixed list of servers");
      },
      close: () => client.close(),
    };
  },

  describe(error) {
    if (!FarcallError.is(error)) return { code: "not a FarcallError", executed: undefined, message: String(error) };
    return { code: error.code, executed: error.executed, message: error.message };
  },
};
