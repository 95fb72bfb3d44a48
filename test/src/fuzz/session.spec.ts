import { createClient } from "@farcall/client";
import type { Transport, TransportEvents } from "@farcall/protocol";
import { createServer } from "@farcall/server";
import { createMemoryNetwork, settle } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { frame } from "../conformance/malformed.js";
import { collect, until } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { names } from "../hostile/victim.js";
import { all } from "./corpus.js";
import { Mutator } from "./mutate.js";
import { asked, heapUsed, seed } from "./setting.js";

const rounds = asked === undefined ? 4_000 : Math.ceil(asked / 100);
const nothing: TransportEvents = { open() {}, message() {}, drained() {}, closed() {} };
/** With everything that can be in force. */
const greeting = { capabilities: ["drain", "health"] };
const silent = { error() {}, warn() {} };

describe(`row 76: sessions that are fed mutated frames (FARCALL_SEED=${seed})`, () => {
  it(`row 76: ${rounds} hostile callers leave the server, and everybody else on it, as they were`, async function () {
    this.timeout(asked === undefined ? 30_000 : 0);
    const network = createMemoryNetwork();
    const faults: string[] = [];
    const server = createServer({
      listener: network.listener("server"),
      logger: { error: (line) => void faults.push(line), warn: () => {} },
    });
    server.implement(Conformance, wellBehaved);
    const { url } = await server.listen();
    const client = createClient(url, { connector: network.connector, logger: silent });
    const stub = client.service(Conformance);
    const mutator = new Mutator(seed, all);
    try {
      await client.ready();
      let before = 0;
      for (let round = 0; round < rounds; round++) {
        if (round === 500) before = heapUsed();
        const hostile: Transport = network.connector(url, nothing);
        await settle(1);
        hostile.send(frame(1, greeting));
        hostile.send(names);
        for (let i = 0; i < 20; i++) hostile.send(mutator.mutate(all[mutator.below(all.length)] as Uint8Array));
        if (round % 50 === 0) expect(await stub.echo(new Uint8Array([7]))).to.deep.equal(new Uint8Array([7]));
        hostile.terminate();
      }
      await until(() => server.connections().length === 1, "only the healthy client is left");
      await until(() => server.connections()[0]?.runningCalls === 0, "nothing runs");
      await settle();
      expect(heapUsed() - before, "bytes of heap that stayed").to.be.lessThan(3 * 1024 * 1024);
      expect(faults.filter((line) => line.includes("fault of the server"))).to.deep.equal([]);
    } finally {
      await client.close();
      await server.close();
    }
  });

  it(`row 76: a client survives ${Math.ceil(rounds / 4)} hostile servers, and every call settles`, async function () {
    this.timeout(asked === undefined ? 30_000 : 0);
    const mutator = new Mutator(seed, all);
    const faults: string[] = [];
    for (let round = 0; round < rounds / 4; round++) {
      const network = createMemoryNetwork();
      const listener = network.listener("server");
      const { url } = await listener.listen((transport) => {
        transport.send(frame(2, greeting));
        let isFirst = true;
        return {
          ...nothing,
          message() {
            // Answers to the hello are the welcome; answers to everything else are lies.
            if (isFirst) isFirst = false;
            else for (let i = 0; i < 20; i++) transport.send(mutator.mutate(all[mutator.below(all.length)] as Uint8Array));
          },
        };
      });
      const logger = { error: (line: string) => void faults.push(line), warn() {} };
      const client = createClient(url, { connector: network.connector, logger, reconnect: { baseMs: 30_000 } });
      const stub = client.service(Conformance);
      const calls = [
        stub.empty(),
        stub.echo(new Uint8Array(3)),
        stub.order({ sku: "a", units: 1, lines: [] }),
        collect(stub.download([1])),
      ];
      const settled = Promise.allSettled(calls);
      await settle(1);
      await client.close();
      await settled;
    }
    expect(faults).to.deep.equal([]);
  });
});
