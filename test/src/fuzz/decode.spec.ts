import { decode, type Frame, FrameReader, type Payload, ProtocolError, parseHello, parseWelcome } from "@farcall/protocol";
import { expect } from "chai";
import { countCompiled } from "./compiled.js";
import { all, corpus } from "./corpus.js";
import { Mutator } from "./mutate.js";
import { asked, heapUsed, seed } from "./setting.js";

const names = Object.keys(corpus);
const inCi = process.env.CI !== undefined;
const perKind = asked === undefined ? (inCi ? 50_000 : 10_000) : Math.ceil(asked / names.length);

function payloadsOf(frame: Frame): (Payload | undefined)[] {
  switch (frame.kind) {
    case 16:
      return [frame.head, frame.args];
    case 17:
      return [frame.value];
    case 18:
      return [frame.head];
    case 19:
      return [...frame.values];
    case 25:
    case 26:
      return [frame.metadata];
    default:
      return [];
  }
}

/** Everything that reading a message from a stranger may do. @returns whether all of it was accepted. */
function read(message: Uint8Array): boolean {
  try {
    const reader = new FrameReader(message);
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      if (frame.kind === 1) parseHello(frame.map);
      if (frame.kind === 2) parseWelcome(frame.map);
      for (const payload of payloadsOf(frame)) {
        if (payload === undefined || payload.announced > 0) continue;
        try {
          decode(payload);
        } catch (error) {
          // A decoder that refuses what the scan has passed says so with an error; the caller makes an answer of it.
          if (!(error instanceof Error) || error instanceof RangeError) throw error;
        }
      }
    }
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

describe(`row 76: reading mutated frames (FARCALL_SEED=${seed})`, () => {
  it(`row 76: ${perKind} of each kind: only ProtocolError comes out, quickly, and nothing stays behind`, function () {
    this.timeout(asked === undefined ? 60_000 : 0);
    const properties = Object.getOwnPropertyNames(Object.prototype).join();
    const spy = countCompiled();
    let compiled = 0;
    const mutator = new Mutator(seed, all);
    // Half of the time would go into stacks that nobody reads.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    let slowest = 0;
    let accepted = 0;
    try {
      for (const bytes of all) expect(read(bytes), Buffer.from(bytes).toString("hex")).to.equal(true);
      for (let i = 0; i < 20_000; i++) read(mutator.mutate(all[i % all.length] as Uint8Array));
      const before = heapUsed();
      for (const name of names) {
        const valid = corpus[name] as readonly Uint8Array[];
        for (let i = 0; i < perKind; i++) {
          const message = mutator.mutate(valid[i % valid.length] as Uint8Array);
          let began = performance.now();
          try {
            if (read(message)) accepted++;
          } catch (error) {
            throw new Error(`${name}, message ${Buffer.from(message).toString("hex")}`, { cause: error });
          }
          let tookMs = performance.now() - began;
          // Somebody else may have had the processor: what is slow must be slow every time.
          for (let again = 0; tookMs > 50 && again < 3; again++) {
            began = performance.now();
            read(message);
            tookMs = Math.min(tookMs, performance.now() - began);
          }
          slowest = Math.max(slowest, tookMs);
        }
      }
      const grown = heapUsed() - before;
      expect(slowest, "ms for the slowest message").to.be.lessThan(50);
      expect(grown, "bytes of heap that stayed").to.be.lessThan(2 * 1024 * 1024);
      if (asked !== undefined) {
        const total = perKind * names.length;
        console.log(
          `seed ${seed}: ${total} messages, ${accepted} accepted, slowest ${slowest.toFixed(2)} ms, heap ${grown} bytes more`,
        );
      }
    } finally {
      compiled = spy.stop();
      Error.stackTraceLimit = stackTraceLimit;
    }
    expect(compiled, "functions compiled").to.equal(0);
    expect(Object.getOwnPropertyNames(Object.prototype).join()).to.equal(properties);
    expect(accepted, "messages that were still valid").to.be.greaterThan(0);
  });
});
