import { createClient, FarcallError } from "@farcall/client";
import type { MethodDescriptor } from "@farcall/protocol";
import { createServer } from "@farcall/server";
import { createFaultProxy } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { failureOf } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { Shop } from "../contracts/gen/shop.js";

describe("client.explain", () => {
  it("tells each attempt of a call that failed, and why there was no other", async () => {
    const server = createServer();
    let entered!: () => void;
    const running = new Promise<void>((resolve) => {
      entered = resolve;
    });
    server.implement(Conformance, {
      ...wellBehaved,
      sleep(ctx) {
        entered();
        return wellBehaved.sleep(ctx);
      },
    });
    const { url } = await server.listen();
    const proxy = await createFaultProxy(url);
    const client = createClient(proxy.url);
    await client.ready();
    const failures = [1, 2].map(() => failureOf(client.service(Conformance).sleep()));
    await running;
    proxy.cut();
    for (const failure of failures) {
      const [headline, meaning, attempt, why, ...rest] = client.explain(await failure).split("\n");
      expect(headline).to.match(/^UNAVAILABLE: lost the connection to /);
      expect(meaning).to.match(/^executed: unknown\. /);
      expect(attempt).to.match(
        /^1\. farcall\.test\.Conformance\.sleep at ws:.*, after \d+ ms: UNAVAILABLE, executed: unknown: lost/,
      );
      expect(why).to.equal("Not sent again: it may have run, and the method is not @idempotent.");
      expect(rest).to.deep.equal([]);
    }
    expect(await failures[0]).not.to.equal(await failures[1]);
    await client.close();
    await server.close();
    await proxy.close();
  });

  it("says what the server has instead of a service that it does not know, and that a contract is another one", async () => {
    const server = createServer();
    const { url } = await server.implement(Conformance, wellBehaved).listen();
    const client = createClient(url);
    const unknown = await failureOf(client.service(Shop).quote(1, 0));
    expect(unknown).to.include({
      code: "UNIMPLEMENTED",
      executed: "no",
      message: `${Shop.name}.quote: this server has no such service or method`,
    });
    const unknownLines = client.explain(unknown).split("\n");
    expect(unknownLines.at(-1)).to.equal(`${url} serves ${Conformance.name}, and no ${Shop.name}.`);
    await client.close();

    const other = createClient(url);
    // As if it had been generated from another state of the file: what fits here does not fit there.
    const { name, methods } = Conformance;
    const echo = { ...methods.get("echo"), args: methods.get("record")?.args } as MethodDescriptor;
    const changed = { ...Conformance, fingerprint: "0123456789abcdef", methods: new Map([...methods, ["echo", echo]]) };
    const misfit = await failureOf(other.service(changed).echo({} as never));
    expect(misfit).to.include({ code: "INVALID_ARGUMENT", executed: "no" });
    const misfitLines = other.explain(misfit).split("\n");
    expect(misfitLines.at(-1)).to.equal(
      `${url} has another contract of ${name} than this client: generate both from the same file.`,
    );
    await other.close();

    const strict = createClient(url);
    const empty = { ...methods.get("empty"), output: methods.get("sum")?.output } as MethodDescriptor;
    const answered = { ...Conformance, methods: new Map([...methods, ["empty", empty]]) };
    const [, , attempt] = strict.explain(await failureOf(strict.service(answered).empty())).split("\n");
    expect(attempt).to.match(
      /: INTERNAL, executed: yes: .*\.empty: the result does not fit the contract: value: expected number/,
    );
    await strict.close();
    await server.close();
  });

  it("says so when a call was never sent, and when an error is not its own", async () => {
    const client = createClient("ws://127.0.0.1:9", { reconnect: { baseMs: 60_000, capMs: 60_000 } });
    const failure = await failureOf(client.service(Conformance).empty({ timeoutMs: 50 }));
    expect(client.explain(failure)).to.match(/^DEADLINE_EXCEEDED: .*\nexecuted: no\. .*\n.*empty was not sent anywhere\.$/);
    expect(client.explain(new FarcallError("NOT_FOUND", "x"))).to.match(/not the error of a call of this client/);
    expect(() => client.explain(new Error("x"))).to.throw(
      TypeError,
      "client.explain: the argument must be a FarcallError, got object",
    );
    await client.close();
  });
});
