import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { TwoHosts } from "./two-hosts.js";

const run = promisify(execFile);
const script = fileURLToPath(new URL("./dual-stack-child.js", import.meta.url));
/** An address on the wire that nobody has. */
const nobody = "02:00:00:00:00:01";

describe("a host with several addresses, on a network of its own", function () {
  this.timeout(20_000);
  let hosts: TwoHosts | undefined;
  let server: ChildProcess | undefined;
  let hardware: string;

  before(async function () {
    try {
      hosts = await TwoHosts.create();
    } catch (error) {
      if (process.env.CI !== undefined) {
        throw new Error("row 32 needs network namespaces: the program ip (iproute2), and root", { cause: error });
      }
      this.skip();
    }
    await hosts.address(hosts.client, "10.9.0.1/24", "2001:db8:9::1/64");
    await hosts.address(hosts.server, "10.9.0.2/24", "10.9.0.3/24", "10.9.0.4/24", "2001:db8:9::2/64", "2001:db8:9::3/64");
    await hosts.silenceAddressResolution(hosts.server);
    hardware = await hosts.hardwareAddress(hosts.server);
    const own = await hosts.hardwareAddress(hosts.client);
    for (const address of ["10.9.0.1", "2001:db8:9::1"]) await hosts.neighbour(hosts.server, address, own);
    await hosts.neighbour(hosts.client, "10.9.0.2", hardware);
    // What is sent to these is lost on its way.
    for (const address of ["2001:db8:9::2", "2001:db8:9::3", "10.9.0.4"]) await hosts.neighbour(hosts.client, address, nobody);
    await hosts.names(hosts.client, [
      "2001:db8:9::2 dual.test",
      "10.9.0.2 dual.test",
      "10.9.0.3 slow.test",
      "10.9.0.4 slow.test",
      "2001:db8:9::2 hole.test",
      "2001:db8:9::3 hole.test",
    ]);
    server = spawn("ip", ["netns", "exec", hosts.server, process.execPath, script, "server"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    await once(server.stdout as NodeJS.ReadableStream, "data");
  });

  after(async () => {
    if (server !== undefined && server.exitCode === null) {
      server.kill("SIGKILL");
      await once(server, "close");
    }
    await hosts?.remove();
  });

  /** What a process on the client's host says, and how long it lived. */
  async function child(...args: readonly string[]): Promise<{ readonly said: unknown; readonly livedMs: number }> {
    const began = performance.now();
    const { client } = hosts as TwoHosts;
    const { stdout } = await run("ip", ["netns", "exec", client, process.execPath, script, ...args], { timeout: 15_000 });
    return { said: stdout === "" ? undefined : JSON.parse(stdout), livedMs: performance.now() - began };
  }

  it("row 32: is reached within 1 s although everything sent to its IPv6 address is lost", async () => {
    expect((await child("order", "dual.test")).said).to.deep.equal(["2001:db8:9::2", "10.9.0.2"]);
    const { said } = await child("connect", "ws://dual.test:7070");
    const { readyMs, echoed } = said as { readyMs: number; echoed: unknown };
    expect(readyMs).to.be.within(250, 1_000);
    expect(echoed).to.deep.equal({ 0: 7 });
  });

  it("row 32: is reached when its first address takes 400 ms to answer, and its second never does", async () => {
    expect((await child("order", "slow.test")).said).to.deep.equal(["10.9.0.3", "10.9.0.4"]);
    const { said } = await child("found-later", "ws://slow.test:7070", hardware, "10.9.0.3");
    const { readyMs } = said as { readyMs: number };
    // The second was being tried when the answer came: anything over a second would be an attempt anew.
    expect(readyMs).to.be.within(400, 1_000);
  });

  // Node keeps a process alive while a TCP handshake is pending, whatever the socket is told.
  it("a client without calls lets its process end with the attempt that is under way, here after 1 s", async () => {
    const { said, livedMs } = await child("idle", "ws://hole.test:7070");
    expect(said).to.equal(undefined);
    expect(livedMs).to.be.within(1_000, 5_000);
  });

  it("a call that waits keeps its process alive through all attempts, until its deadline", async () => {
    const { said, livedMs } = await child("waiting", "ws://hole.test:7070");
    expect(said).to.deep.equal({ code: "DEADLINE_EXCEEDED", executed: "no" });
    expect(livedMs).to.be.above(1_500);
  });
});
