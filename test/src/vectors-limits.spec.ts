import { createClient } from "@farcall/client";
import { createServer, FarcallError } from "@farcall/server";
import { expect } from "chai";
import { wellBehaved } from "./conformance/implementation.js";
import { Conformance, type ConformanceClient } from "./contracts/gen/conformance.js";

/** Runs against a server whose `empty` fails with so many bytes of details. */
async function withDetails(bytes: number, run: (stub: ConformanceClient) => Promise<void>): Promise<void> {
  const server = createServer();
  server.implement(Conformance, {
    ...wellBehaved,
    empty() {
      throw new FarcallError("NOT_FOUND", "no such thing", { details: "d".repeat(bytes), retryAfterMs: 5 });
    },
  });
  const { url } = await server.listen();
  const client = createClient(url);
  try {
    await run(client.service(Conformance));
  } finally {
    await client.close();
    await server.close();
  }
}

async function errorOf(promise: Promise<unknown>): Promise<FarcallError> {
  try {
    await promise;
  } catch (error) {
    return error as FarcallError;
  }
  throw new Error("the call went well");
}

describe("frames that would not fit one message of the socket", () => {
  it("details of an error travel up to 64 KiB", () =>
    withDetails(65_000, async (stub) => {
      const error = await errorOf(stub.empty());
      expect(error.code).to.equal("NOT_FOUND");
      expect(error.details).to.have.length(65_000);
    }));

  it("larger details are left out, and the connection and the error itself survive", () =>
    withDetails(200_000, async (stub) => {
      const other = stub.echo(Uint8Array.of(1));
      const error = await errorOf(stub.empty());
      expect(error.code).to.equal("NOT_FOUND");
      expect(error.retryAfterMs).to.equal(5);
      expect(error.details).to.equal(undefined);
      expect(await other).to.deep.equal(Uint8Array.of(1));
    }));

  it("metadata of 64 KiB goes with arguments of 64 KiB", () =>
    withDetails(0, async (stub) => {
      const metadata = Array.from({ length: 2_048 }, (_, i): [string, string] => [`k${i % 10}`, "v".repeat(30)]);
      for (const size of [0, 60_000, 65_530, 65_531, 70_000]) {
        expect(await stub.echo(new Uint8Array(size), { metadata }), `arguments of ${size}`).to.have.length(size);
      }
    }));
});
