import { type Client, createClient } from "@farcall/client";
import { type CallContext, createServer, type Server } from "@farcall/server";
import { createMemoryNetwork } from "@farcall/testing";
import { Values, type ValuesClient, type ValuesHandler } from "../contracts/gen/values.js";

interface Seen {
  args: readonly unknown[];
  metadata: readonly (readonly [string, unknown])[];
}

/** A client and a server whose methods all give back what they are given. */
export interface Echo {
  readonly stub: ValuesClient;
  readonly url: string;
  /** What the handler was called with last. */
  readonly seen: Seen;
  close(): Promise<void>;
}

export async function openEcho(transport: "WebSocket" | "memory"): Promise<Echo> {
  const network = createMemoryNetwork();
  const logger = { error() {}, warn() {} };
  const server: Server = createServer(
    transport === "memory" ? { logger, listener: network.listener("values") } : { logger, port: 0 },
  );
  const seen: Seen = { args: [], metadata: [] };
  const echo = (...args: readonly unknown[]): unknown => {
    seen.args = args;
    seen.metadata = [...(args.at(-1) as CallContext).metadata];
    return args[0];
  };
  const handler: Record<string, unknown> = {
    parameters(...args: unknown[]) {
      echo(...args);
      return args.length - 1;
    },
  };
  for (const name of Values.methods.keys()) handler[name] ??= echo;
  server.implement(Values, handler as unknown as ValuesHandler);
  const { url } = await server.listen();
  const client: Client = createClient(url, transport === "memory" ? { connector: network.connector } : {});
  await client.ready();
  return {
    stub: client.service(Values),
    url,
    seen,
    async close() {
      await client.close();
      await server.close();
    },
  };
}
