import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  streamDecode,
  streamEncode,
  TRUNCATED_RESPONSE,
} from "dns-packet";

/** What a name holds: an answer, an error, or silence. */
export type Zone = Map<string, readonly Answer[] | "SERVFAIL" | "silence">;

/** Largest answer that goes into a datagram. */
const maxUdpBytes = 1232;
const rcodes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 } as const;

/** A DNS server on loopback, over UDP and TCP. Names without any entry do not exist. */
export class DnsServer {
  /** Keys are `A name`, `AAAA name`, `SRV name`. */
  readonly zone: Zone = new Map();
  /** What was asked, in order: `A name`. */
  readonly asked: string[] = [];
  readonly #waiting = new Map<string, () => void>();
  readonly #udp = createSocket("udp4");
  readonly #tcp = createServer((socket) => {
    let bytes = Buffer.alloc(0);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE()) return;
      const answer = this.#answer(streamDecode(bytes));
      if (answer !== undefined) socket.end(streamEncode(answer));
    });
  });

  async start(): Promise<void> {
    // The same port for both: the system may have given the other half away already.
    for (;;) {
      this.#tcp.listen(0, "127.0.0.1");
      await once(this.#tcp, "listening");
      try {
        this.#udp.bind(this.port, "127.0.0.1");
        await once(this.#udp, "listening");
        break;
      } catch {
        this.#tcp.close();
        await once(this.#tcp, "close");
      }
    }
    this.#udp.on("message", (bytes: Buffer, from: RemoteInfo) => {
      const answer = this.#answer(decode(bytes));
      if (answer === undefined) return;
      const whole = encode(answer);
      const fits = whole.length <= maxUdpBytes;
      this.#udp.send(
        fits ? whole : encode({ ...answer, answers: [], flags: AUTHORITATIVE_ANSWER | TRUNCATED_RESPONSE }),
        from.port,
        from.address,
      );
    });
  }

  get port(): number {
    return (this.#tcp.address() as AddressInfo).port;
  }

  /** As `dnsResolver` takes it. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Resolves when `A name` or the like has been asked for. */
  async hears(question: string): Promise<void> {
    if (this.asked.includes(question)) return;
    await new Promise<void>((resolve) => {
      this.#waiting.set(question, resolve);
    });
  }

  /** Sets the addresses of a name, of both families. */
  hosts(name: string, addresses: readonly string[], ttl = 0): void {
    this.zone.set(
      `A ${name}`,
      addresses.filter((data) => !data.includes(":")).map((data) => ({ type: "A", name, ttl, data })),
    );
    this.zone.set(
      `AAAA ${name}`,
      addresses.filter((data) => data.includes(":")).map((data) => ({ type: "AAAA", name, ttl, data })),
    );
  }

  /** Sets the service records of a name: `target:port priority weight`. */
  services(name: string, records: readonly string[]): void {
    this.zone.set(
      `SRV ${name}`,
      records.map((record) => {
        const [, target = "", port, priority, weight] = /^(.*):(\d+) (\d+) (\d+)$/.exec(record) ?? [];
        return {
          type: "SRV",
          name,
          ttl: 300,
          data: { target, port: Number(port), priority: Number(priority), weight: Number(weight) },
        };
      }),
    );
  }

  async stop(): Promise<void> {
    this.#udp.close();
    this.#tcp.close();
    await Promise.all([once(this.#udp, "close"), once(this.#tcp, "close")]);
  }

  #answer({ id, questions = [] }: Packet): Packet | undefined {
    const [question] = questions;
    if (question === undefined) return undefined;
    const name = question.name.toLowerCase();
    const key = `${question.type} ${name}`;
    this.asked.push(key);
    this.#waiting.get(key)?.();
    const found = this.zone.get(key);
    if (found === "silence") return undefined;
    const exists = [...this.zone].some(([one]) => one.endsWith(` ${name}`));
    const rcode = found === "SERVFAIL" ? rcodes.SERVFAIL : exists ? rcodes.NOERROR : rcodes.NXDOMAIN;
    const answers = typeof found === "object" ? [...found] : [];
    return { type: "response", id: id ?? 0, flags: AUTHORITATIVE_ANSWER | rcode, questions: [question], answers };
  }
}
