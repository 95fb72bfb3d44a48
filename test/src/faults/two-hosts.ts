import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Two machines on a wire of their own: network namespaces of Linux. Needs `ip` and root. */
export class TwoHosts {
  readonly client: string;
  readonly server: string;

  private constructor() {
    this.client = `farcall-${process.pid}-client`;
    this.server = `farcall-${process.pid}-server`;
  }

  static async create(): Promise<TwoHosts> {
    const hosts = new TwoHosts();
    try {
      for (const name of [hosts.client, hosts.server]) {
        await run("ip", ["netns", "add", name]);
        await run("ip", ["-n", name, "link", "set", "lo", "up"]);
      }
      await run("ip", ["-n", hosts.client, "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", hosts.server]);
      for (const name of [hosts.client, hosts.server]) await run("ip", ["-n", name, "link", "set", "wire", "up"]);
    } catch (error) {
      await hosts.remove();
      throw error;
    }
    return hosts;
  }

  /** The address of a host's end of the wire below IP. */
  async hardwareAddress(name: string): Promise<string> {
    const { stdout } = await run("ip", ["-n", name, "-json", "link", "show", "wire"]);
    return (JSON.parse(stdout) as { address: string }[])[0]?.address ?? "";
  }

  async address(name: string, ...addresses: readonly string[]): Promise<void> {
    for (const one of addresses) {
      await run("ip", ["-n", name, "address", "add", one, "dev", "wire", ...(one.includes(":") ? ["nodad"] : [])]);
    }
  }

  /** Where on the wire `name` believes `address` to be. What is sent to where nobody is disappears without a word. */
  async neighbour(name: string, address: string, hardware: string): Promise<void> {
    await run("ip", ["-n", name, "neigh", "replace", address, "lladdr", hardware, "dev", "wire"]);
  }

  /** The host asks and answers no more who has an IPv4 address, and forgets what it knew: packets wait until `neighbour` says it. */
  async silenceAddressResolution(name: string): Promise<void> {
    await run("ip", ["-n", name, "link", "set", "wire", "arp", "off"]);
  }

  /** All the names that processes of `name` know; they ask nobody else. */
  async names(name: string, lines: readonly string[]): Promise<void> {
    await mkdir(`/etc/netns/${name}`, { recursive: true });
    await writeFile(`/etc/netns/${name}/hosts`, `${lines.join("\n")}\n`);
    await writeFile(`/etc/netns/${name}/nsswitch.conf`, "hosts: files\n");
  }

  async remove(): Promise<void> {
    for (const name of [this.client, this.server]) {
      await run("ip", ["netns", "delete", name]).catch(() => {});
      await rm(`/etc/netns/${name}`, { recursive: true, force: true });
    }
  }
}
