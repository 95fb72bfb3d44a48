import { type Client, createClient, FarcallError } from "@farcall/client";
import { expect } from "chai";
import { until } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { type Entry, encodeOrder, ServerProcess } from "./server-process.js";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Time on the way does not count: nobody compares clocks, and an attempt may be sent when its call has little time left. */
const onTheWayMs = 100;

function entriesAfterDeadline(server: ServerProcess): readonly Entry[] {
  return server.entries().filter(({ enteredAt, deadlineAt }) => enteredAt > deadlineAt + onTheWayMs);
}

describe("a server that stood still", function () {
  this.timeout(60_000);
  let server: ServerProcess;
  let client: Client;
  beforeEach(async () => {
    server = await ServerProcess.start();
    client = createClient(server.url);
    await client.ready();
  });
  afterEach(async () => {
    await client.close();
    await server.dispose();
  });

  let id = 0;
  /** Orders, one every 10 ms, that want an answer within `timeoutMs`. */
  async function order(count: number, timeoutMs: number): Promise<string[]> {
    const stub = client.service(Conformance);
    const outcomes: Promise<string>[] = [];
    for (let i = 0; i < count; i++) {
      const bytes = encodeOrder({ id: id++, deadlineAt: Date.now() + timeoutMs });
      const outcome = stub.echo(bytes, { timeoutMs }).then(
        () => "ok",
        (error: unknown) => (FarcallError.is(error) ? error.code : String(error)),
      );
      outcomes.push(outcome);
      await pause(10);
    }
    return Promise.all(outcomes);
  }

  for (const [title, timeoutMs] of [
    ["with 1 s to go", 1_000],
    ["with 2.5 s to go, some of them in time", 2_500],
  ] as const) {
    it(`row 39: row 49: stopped for 3.5 s: no call sent meanwhile ${title} is entered after its deadline`, async () => {
      await order(5, 1_000);
      server.signal("SIGSTOP");
      const outcomes = order(200, timeoutMs);
      await pause(3_500);
      server.signal("SIGCONT");
      await outcomes;
      // What is sent once it has answered again is served, however little time it has.
      await client.service(Conformance).empty();
      expect(await order(5, 1_000)).to.deep.equal(Array.from({ length: 5 }, () => "ok"));
      expect(entriesAfterDeadline(server), "orders entered after their deadline").to.deep.equal([]);
      expect((await server.stats()).droppedCalls).to.be.at.least(50);
    });
  }

  it("row 39: blocked for 3 s: none of its calls fails", async () => {
    await order(5, 15_000);
    const blocked = server.block(3_000);
    const outcomes = await order(400, 15_000);
    expect(outcomes.filter((outcome) => outcome !== "ok")).to.deep.equal([]);
    expect((await blocked).droppedCalls).to.equal(0);
    await until(() => client.state === "ready", "the connection is the same");
  });

  it("row 39: row 49: blocked for 3 s: no call with 1 s to go is entered after its deadline", async () => {
    await order(5, 1_000);
    const blocked = server.block(3_000);
    await order(250, 1_000);
    await blocked;
    expect(entriesAfterDeadline(server), "orders entered after their deadline").to.deep.equal([]);
  });
});
