import { createClient } from "@farcall/client";
import { createServer } from "@farcall/server";
import { Echo } from "../gen/contract.js";
import type { Contender } from "../harness/contender.js";

/** Farcall as its users get it: validation at both ends, deadlines, cancellation, heartbeats; no option set. */
export const farcall: Contender = {
  name: "farcall",
  title: "farcall, everything on",
  packages: ["@farcall/client", "@farcall/server", "@farcall/protocol", "ws", "msgpackr"],

  async serve(handlers) {
    const server = createServer({ port: 0 });
    server.implement(Echo, {
      async hello(request) {
        return handlers.hello(request);
      },
    });
    const { url } = await server.listen();
    return {
      url,
      async close() {
        await server.drain();
      },
    };
  },

  async connect(url) {
    const client = createClient(url);
    const echo = client.service(Echo);
    await echo.hello({ id: 0, name: "first" }); // Connects.
    return {
      hello: (request) => echo.hello(request),
      close: () => client.close(),
    };
  },
};
