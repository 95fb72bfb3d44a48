import { createClient, type FarcallError } from "@farcall/client";
import { Shop } from "../contracts/gen/shop.js";
import { connected, pause } from "./fleet.js";

/**
 * A client in a process of its own, which never closes it: whether the process ends is what is asked. Its arguments are the
 * scenario and the servers; it says what happened as JSON.
 */
const [scenario = "", targets = ""] = process.argv.slice(2);
const client = createClient(targets.split(","));
const stub = client.service(Shop);

switch (scenario) {
  case "idle":
    await stub.quote(1, 0);
    console.log(JSON.stringify({ state: client.state }));
    break;
  case "watching": {
    const ticks = stub.ticks(10)[Symbol.asyncIterator]();
    for (let i = 0; i < 20; i++) await ticks.next();
    await ticks.return?.();
    console.log(JSON.stringify({ state: client.state }));
    break;
  }
  case "pending": {
    const beganAt = performance.now();
    const error = await stub.quote(1, 0, { timeoutMs: 1_500 }).then(
      () => undefined,
      ({ code, executed }: FarcallError) => ({ code, executed }),
    );
    console.log(JSON.stringify({ ...error, tookMs: performance.now() - beganAt }));
    break;
  }
  case "nothing pending":
    console.log(JSON.stringify({ state: client.state }));
    await new Promise((resolve) => client.once("reconnecting", resolve));
    console.log(JSON.stringify({ state: client.state }));
    break;
  case "stall": {
    const lost: string[] = [];
    client.on("reconnecting", ({ cause }) => lost.push(cause.message));
    await connected(client);
    const calls = Array.from({ length: 40 }, (_, call) => stub[call % 2 === 0 ? "quote" : "order"](call, 3_000));
    await pause(200);
    // The event loop stands still, without using the processor.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
    const outcomes = await Promise.allSettled(calls);
    const failed = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [String(outcome.reason)] : []));
    const answer = await stub.quote(100, 0);
    await pause(200);
    console.log(JSON.stringify({ failed, lost, answer, states: client.endpoints().map(({ state }) => state) }));
    break;
  }
}
