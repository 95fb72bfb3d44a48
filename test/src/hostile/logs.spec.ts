import { escapeForLog, FarcallError } from "@farcall/protocol";
import { expect } from "chai";
import { frame } from "../conformance/malformed.js";
import { failureOf } from "../conformance/settlement.js";
import { withVictim } from "./victim.js";

const forged = "x\r\n2026-01-01 ERROR forged\u001b[2J\u0007\u2028\u202e\u0085";

describe("row 90: what outsiders say, in logs", () => {
  it("row 90: is escaped, and no line of it looks like the beginning of an entry", async () => {
    const echo = (): never => {
      throw new Error(`no such ${forged}`);
    };
    await withVictim({ implementation: { echo }, logs: true }, async ({ stub, log }) => {
      // The last call of the harness fails too; this one is ours.
      await failureOf(stub.echo(new Uint8Array(1)));
      expect(log).to.have.lengthOf(1);
      const [first, ...rest] = (log[0] as string).split("\n");
      expect(first).to.match(/^farcall: .*Conformance.echo failed/);
      for (const line of rest) expect(line).to.match(/^ {4}/);
      expect((log[0] as string).replaceAll("\n", "")).not.to.match(/[\p{Cc}\u2028\u2029\u202e]/u);
    }).catch((error: unknown) => {
      if (!FarcallError.is(error)) throw error;
    });
  });

  it("row 90: is left alone where it is harmless", () => {
    expect(escapeForLog("naïve 日本 👩‍👩‍👧\n    at line")).to.equal("naïve 日本 👩‍👩‍👧\n    at line");
    expect(escapeForLog("a\tb\u001b[31m")).to.equal("a\\x09b\\x1b[31m");
  });

  it("row 90: a million names leave nothing in the log, and a metadata value with line breaks is refused or data", () =>
    withVictim({}, async ({ attacker, stub, log }) => {
      const peer = await attacker();
      peer.sendFrames([23, 8, forged, forged, ""], [16, 1, 8, 0, null, []]);
      expect(await peer.frame()).to.include({
        kind: 18,
        code: "UNIMPLEMENTED",
        message: "this server has no such service or method",
      });
      peer.sendBytes(frame(16, 3, 0, 0, { metadata: [forged, "v"] }, []));
      expect(await peer.frame()).to.include({ kind: 18, code: "INVALID_ARGUMENT" });
      const entries = await stub.metadata({ metadata: [["k", forged]] });
      expect(entries).to.deep.equal([{ key: "k", text: forged }]);
      expect(log).to.deep.equal([]);
    }));

  it("row 86: a handler's secrets stay at home", async () => {
    const secret = "password=hunter2 at /srv/app/db.ts SELECT * FROM users";
    const resize = (): never => {
      throw Object.assign(new Error(secret, { cause: new Error(secret) }), { details: secret, code: "ER_SQL" });
    };
    await withVictim({ implementation: { resize }, logs: true }, async ({ stub, log }) => {
      const settled = await failureOf(stub.resize(new Uint8Array(0), 1));
      expect(settled.code).to.equal("INTERNAL");
      expect(settled.message).to.match(/^internal error [0-9a-f-]{36}$/);
      const seen = JSON.stringify(
        settled,
        Object.getOwnPropertyNames(settled).filter((name) => name !== "stack"),
      );
      expect(seen).not.to.match(/hunter2|srv|SELECT|ER_SQL/);
      expect(log[0]).to.include(secret);
    });
  });
});
