import { type LookupAddress, lookup as systemLookup } from "node:dns";
import { connect as netConnect, type Socket } from "node:net";
import { type Clock, systemClock, type Timer } from "@farcall/protocol";

/** Resolves a host to all its addresses, in the order in which they should be tried. */
export type Lookup = (host: string, done: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void;

export interface AddressRaceOptions {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  /** Default: the system's, in its own order. */
  readonly lookup?: Lookup;
  readonly clock?: Clock;
  /** Begins to connect to one address. Default: over TCP. */
  readonly connect?: (address: string, port: number) => Socket;
}

/** RFC 8305, section 5: the "Connection Attempt Delay". */
const attemptDelayMs = 250;

const lookupAll: Lookup = (host, done) => systemLookup(host, { all: true, verbatim: true }, done);

const connectTcp = (host: string, port: number): Socket =>
  netConnect({ host, port, noDelay: true, autoSelectFamily: false, family: 0 });

/**
 * Connects to whichever address of a host answers first (RFC 8305, "happy eyeballs"): families take turns, beginning with
 * the one that the system prefers, and the next address is tried after 250 ms, or as soon as one has failed. No attempt is
 * given up because another has begun: a host that answers slowly at every address is reached all the same. There is no
 * time limit here; whoever dials has one, and aborts.
 */
export class AddressRace {
  readonly #options: AddressRaceOptions;
  readonly #clock: Clock;
  readonly #settled: (error: Error | null, socket?: Socket) => void;
  #rest: LookupAddress[] = [];
  /** Attempts that may still succeed, and at last the one that has. */
  readonly #sockets = new Set<Socket>();
  readonly #errors: Error[] = [];
  #timer: Timer | undefined;
  #isDone = false;
  #keepsAlive = true;

  /** `settled` is called once, in a later turn, unless the dial is aborted before. */
  constructor(options: AddressRaceOptions, settled: (error: Error | null, socket?: Socket) => void) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#settled = settled;
    (options.lookup ?? lookupAll)(options.host, (error, addresses) => {
      if (this.#isDone) return;
      if (error !== null) return this.#settle(error);
      if (addresses.length === 0) return this.#settle(new Error(`${options.host} has no address`));
      this.#rest = interleave(addresses);
      this.#next();
    });
  }

  /**
   * Whether the sockets and the timer keep the process alive. They do until told otherwise. In Node a lookup always does,
   * and so does a TCP handshake that is not answered: both until they end or are aborted.
   */
  ref(): void {
    this.#keepsAlive = true;
    for (const one of this.#handles()) one.ref();
  }

  unref(): void {
    this.#keepsAlive = false;
    for (const one of this.#handles()) one.unref();
  }

  /** Drops all attempts. A socket that has been handed over is no longer ours to drop. */
  abort(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#timer?.cancel();
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  #handles(): { ref(): void; unref(): void }[] {
    return this.#timer === undefined ? [...this.#sockets] : [...this.#sockets, this.#timer];
  }

  #next(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const address = this.#rest.shift();
    if (address === undefined) {
      if (this.#sockets.size === 0) this.#settle(failure(this.#options.host, this.#errors));
      return;
    }
    const socket = (this.#options.connect ?? connectTcp)(address.address, this.#options.port);
    this.#sockets.add(socket);
    socket.once("connect", () => this.#won(socket));
    socket.on("error", (error) => this.#lost(socket, error));
    if (this.#rest.length > 0) this.#timer = this.#clock.setTimeout(() => this.#next(), attemptDelayMs);
    if (!this.#keepsAlive) this.unref();
  }

  #won(socket: Socket): void {
    if (this.#isDone) return;
    this.#sockets.delete(socket);
    this.abort();
    this.#sockets.add(socket);
    this.#settled(null, socket);
  }

  #lost(socket: Socket, error: Error): void {
    if (this.#isDone) return;
    this.#sockets.delete(socket);
    this.#errors.push(error);
    this.#next();
  }

  #settle(error: Error): void {
    this.#isDone = true;
    this.#settled(error);
  }
}

/** The addresses, each once, with the families taking turns while both last. */
function interleave(addresses: readonly LookupAddress[]): LookupAddress[] {
  const each = [...new Map(addresses.map((one) => [one.address, one])).values()];
  const first = each.filter(({ family }) => family === each[0]?.family);
  const second = each.filter(({ family }) => family !== each[0]?.family);
  return first.flatMap((one, i) => [one, ...second.slice(i, i + 1)]).concat(second.slice(first.length));
}

/** One error for all addresses; what Node says of one names it. */
function failure(host: string, errors: readonly Error[]): Error {
  const [first] = errors;
  if (first !== undefined && errors.length === 1) return first;
  return new AggregateError(errors, `no address of ${host} can be reached: ${errors.map((one) => one.message).join("; ")}`);
}
