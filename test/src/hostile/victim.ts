import { type Client, createClient } from "@farcall/client";
import { createServer, type Server, type ServerOptions } from "@farcall/server";
import { RawPeer, RawWebSocket } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { bytesOf, frame } from "../conformance/malformed.js";
import { until } from "../conformance/settlement.js";
import { Conformance, type ConformanceClient, type ConformanceHandler } from "../contracts/gen/conformance.js";

const service = "farcall.test.Conformance";

/** The methods that hostile callers use, numbered in this order. */
export const methods = ["empty", "echo", "sum", "download", "sleep", "resize", "talk", "record"] as const;
export const names = bytesOf(...methods.map((method, number) => frame(23, number, service, method, "")));
export const hello = frame(1, { minor: 0, agent: "hostile" });

/** A call of `method`, as a caller with no manners would write it. */
export function call(id: number, method: (typeof methods)[number], ...args: readonly unknown[]): Uint8Array {
  return wide(16, id, methods.indexOf(method), 0, null, args);
}

/** A frame whose numbers keep their integer form beyond 2^32; the encoder makes floats of those, which no envelope may hold. */
export function wide(...elements: readonly unknown[]): Uint8Array {
  const parts = elements.map((one) => {
    if (typeof one !== "number" || one <= 0xffffffff) return frame(one).subarray(1);
    const bytes = Buffer.alloc(9, 0xcf);
    bytes.writeBigUInt64BE(BigInt(one), 1);
    return bytes;
  });
  return bytesOf(0x90 + elements.length, ...parts);
}

/** Many small frames as one buffer. */
export function repeat(count: number, make: (index: number) => Uint8Array): Uint8Array {
  return Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));
}

export interface Victim {
  readonly server: Server;
  readonly url: string;
  readonly log: readonly string[];
  /** A well-behaved client of the same server. */
  readonly stub: ConformanceClient;
  readonly client: Client;
  /** A hostile peer that has been welcomed and has named `methods`. */
  readonly attacker: (hello?: Record<string, unknown>) => Promise<RawPeer>;
  /** The same over plain TCP. */
  readonly rawAttacker: () => Promise<RawWebSocket>;
}

/**
 * A server with one healthy client. Whatever the hostile peers of `run` did, the client's connection must be the one it
 * had, its calls must succeed, and nothing may be left of anybody.
 */
export async function withVictim(
  options: { readonly server?: ServerOptions; readonly implementation?: Partial<ConformanceHandler>; readonly logs?: boolean },
  run: (victim: Victim) => Promise<void>,
): Promise<void> {
  const log: string[] = [];
  const logger = { error: (line: string) => void log.push(line), warn: (line: string) => void log.push(line) };
  const server = createServer({ logger, ...options.server });
  server.implement(Conformance, { ...wellBehaved, ...options.implementation });
  const { url } = await server.listen();
  const client = createClient(url, { logger });
  const attackers: { terminate(): void }[] = [];
  const keep = <T extends { terminate(): void }>(attacker: T): T => {
    attackers.push(attacker);
    return attacker;
  };
  let lost = 0;
  try {
    await client.ready();
    client.on("reconnecting", () => lost++);
    const stub = client.service(Conformance);
    await run({
      server,
      url,
      log,
      stub,
      client,
      attacker: async (given = {}) => {
        const peer = keep(await RawPeer.welcomed(url, given));
        peer.sendBytes(names);
        return peer;
      },
      rawAttacker: async () => {
        const peer = keep(await RawWebSocket.connect(url));
        peer.send({ opcode: 2, payload: hello }, { opcode: 2, payload: names });
        await until(() => peer.frames > 0, "the welcome has come");
        return peer;
      },
    });
    expect(await stub.echo(new Uint8Array([1, 2]))).to.deep.equal(new Uint8Array([1, 2]));
    expect(lost, "connections that the healthy client lost").to.equal(0);
    for (const attacker of attackers) attacker.terminate();
    await until(() => server.connections().length === 1, "only the healthy client is left");
  } finally {
    for (const attacker of attackers) attacker.terminate();
    await client.close();
    await server.close();
  }
  if (options.logs !== true) expect(log).to.deep.equal([]);
}
