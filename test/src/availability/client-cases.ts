import { execFile } from "node:child_process";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { withFleet } from "./fleet.js";

const script = fileURLToPath(new URL("./client-child.js", import.meta.url));

/** Node's exit code of a process that is let go of while its main module still waits. */
const unsettled = 13;

/** Runs a scenario of `client-child.ts` to its end, which must come by itself. `lingeredMs`: from its last word to that. */
async function child(
  scenario: string,
  ...targets: readonly string[]
): Promise<{ readonly said: unknown; readonly lingeredMs: number }> {
  const running = promisify(execFile)(process.execPath, [script, scenario, targets.join(",")], { timeout: 40_000 });
  let text = "";
  let saidAt = Number.NaN;
  running.child.stdout?.on("data", (chunk: Buffer | string) => {
    text += String(chunk);
    saidAt = performance.now();
  });
  await running.catch((error: { readonly code?: unknown }) => {
    if (error.code !== unsettled) throw error;
  });
  return { said: JSON.parse(text.trimEnd().split("\n").at(-1) ?? ""), lingeredMs: performance.now() - saidAt };
}

/** An address where nobody listens. */
async function nobody(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `ws://127.0.0.1:${port}`;
}

/** Clients in processes of their own, which are never closed. */
export const clientCases: Readonly<Record<string, () => Promise<void>>> = {
  "row 43: an idle client with an open connection lets its process end": () =>
    withFleet({ servers: 1 }, async ({ members }) => {
      const { said, lingeredMs } = await child("idle", members[0]?.url ?? "");
      expect(said).to.deep.equal({ state: "ready" });
      expect(lingeredMs).to.be.below(5_000);
    }),

  "row 43: a quiet stream keeps the process until it is left": () =>
    withFleet({ servers: 1 }, async ({ members }) => {
      expect((await child("watching", members[0]?.url ?? "")).said).to.deep.equal({ state: "ready" });
    }),

  "row 43: a call that waits while the client backs off keeps the process until it is settled, and no longer": async () => {
    const { said, lingeredMs } = await child("pending", await nobody());
    expect(said).to.include({ code: "DEADLINE_EXCEEDED", executed: "no" });
    expect((said as { readonly tookMs: number }).tookMs).to.be.within(1_450, 2_500);
    expect(lingeredMs).to.be.below(5_000);
  },

  "row 43: without a call, a client that backs off does not keep the process": async () => {
    // It may be let go of before the attempt has failed, and says nothing more then: both are an end.
    const { said, lingeredMs } = await child("nothing pending", await nobody());
    expect(said).to.have.property("state").that.is.oneOf(["connecting", "reconnecting"]);
    expect(lingeredMs).to.be.below(5_000);
  },

  "row 39: a client whose loop stands still for 10 s gives up no healthy connection, and fails no call": () =>
    withFleet({ servers: 3 }, async ({ members, entries }) => {
      const peers = () => members.map(({ server }) => server.connections().map(({ id }) => id));
      const before = new Set<string>();
      const timer = setInterval(() => {
        for (const id of peers().flat()) before.add(id);
      }, 100);
      const { said } = await child("stall", ...members.map(({ url }) => url)).finally(() => clearInterval(timer));
      expect(said).to.deep.include({ failed: [], lost: [], states: ["ready", "ready", "ready"] });
      // The client of the fleet, and the one in the child: no connection more was ever made.
      expect(before.size).to.equal(6);
      expect(entries.filter(({ method }) => method === "order")).to.have.lengthOf(20);
    }),
};
