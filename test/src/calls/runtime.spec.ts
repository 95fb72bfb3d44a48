import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { withPair } from "../conformance/pair.js";
import { failureOf } from "../conformance/settlement.js";

const run = promisify(execFile);
const allKinds = fileURLToPath(new URL("./all-kinds.js", import.meta.url));

describe("the run time", () => {
  const places: readonly [string, readonly string[]][] = [
    ["where code from strings is forbidden (CSP without unsafe-eval)", ["--disallow-code-generation-from-strings"]],
    ["with frozen intrinsics", ["--frozen-intrinsics"]],
    ["without __proto__", ["--disable-proto=throw"]],
    ["in a worker", ["--import", new URL("./in-worker.js", import.meta.url).href]],
  ];
  for (const [where, flags] of places) {
    it(`67: makes every kind of call ${where}`, async () => {
      const { stdout } = await run(process.execPath, [...flags, allKinds], { timeout: 9_000 });
      expect(stdout).to.include("4 kinds answered");
    });
  }

  it("63: 10 000 calls share one AbortSignal and leave no listener on it", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    let listeners = 0;
    let most = 0;
    const controller = new AbortController();
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((...args: Parameters<typeof add>) => {
      most = Math.max(most, ++listeners);
      add(...args);
    }) as typeof signal.addEventListener;
    signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    }) as typeof signal.removeEventListener;
    await withPair("memory", {}, {}, async ({ stub }) => {
      for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: 1_000 }, () => stub.empty({ signal })));
    });
    process.off("warning", onWarning);
    expect(warnings).to.deep.equal([]);
    expect(listeners).to.equal(0);
    expect(most).to.be.at.most(10);
  });

  it("C8: the client package and what it depends on hold no server", () => {
    const seen = new Set<string>();
    const walk = (dir: string): void => {
      const manifest = JSON.parse(readFileSync(join(dir, "package.json"), "utf8")) as {
        name: string;
        dependencies?: Record<string, string>;
      };
      if (seen.has(manifest.name)) return;
      seen.add(manifest.name);
      for (const name of Object.keys(manifest.dependencies ?? {})) {
        if (name.startsWith("@farcall/")) walk(join(dirname(dir), name.slice("@farcall/".length)));
        else seen.add(name);
      }
    };
    const root = fileURLToPath(new URL("../../../packages/", import.meta.url));
    walk(join(root, "client"));
    expect([...seen].sort()).to.deep.equal(["@farcall/client", "@farcall/protocol", "eventemitter3", "msgpackr", "ws"]);
    for (const name of ["client", "protocol"]) {
      // Specs are beside the code, and stay behind when it is packed.
      const files = readdirSync(join(root, name, "dist"), { recursive: true, encoding: "utf8" });
      for (const file of files.filter((one) => one.endsWith(".js") && !one.endsWith(".spec.js"))) {
        expect(readFileSync(join(root, name, "dist", file), "utf8"), file).not.to.match(
          /@farcall\/server|createServer\(|WebSocketServer/,
        );
      }
    }
  });

  for (const environment of ["production", "development", undefined]) {
    it(`C6, 86: what a handler throws by accident says nothing to the caller under NODE_ENV ${environment ?? "unset"}`, async () => {
      const before = process.env.NODE_ENV;
      if (environment === undefined) delete process.env.NODE_ENV;
      else process.env.NODE_ENV = environment;
      try {
        const implementation = {
          async empty() {
            throw Object.assign(new Error("SELECT * FROM users WHERE /srv/secret", { cause: new Error("inner") }), {
              password: "hunter2",
            });
          },
        };
        await withPair("WebSocket", implementation, { logs: true }, async ({ stub, log }) => {
          const error = await failureOf(stub.empty());
          const said = JSON.stringify([error.message, error.details, error.reason, error.cause, Object.entries(error)]);
          expect(error.code).to.equal("INTERNAL");
          expect(said).not.to.match(/SELECT|secret|hunter2|inner|\.ts|\.js/);
          const id = error.message.replace("internal error ", "");
          expect(log.join()).to.include(id).and.to.include("SELECT * FROM users");
        });
      } finally {
        if (before === undefined) delete process.env.NODE_ENV;
        else process.env.NODE_ENV = before;
      }
    });
  }
});
