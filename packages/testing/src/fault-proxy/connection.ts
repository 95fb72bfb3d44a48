import { connect, type Socket } from "node:net";
import type { Clock, Random } from "@farcall/protocol";
import { Pipe, reset } from "./pipe.js";
import { type Direction, directions, type FaultRule, type Faults, noFaults, parseRule } from "./rule.js";

/** A connection through the proxy. */
export interface ProxiedConnection {
  /** Counts from 1, in the order in which they were accepted. */
  readonly id: number;
  /** Bytes that have passed so far. */
  readonly bytes: Readonly<Record<Direction, number>>;
  /** Changes the faults of this connection alone. @throws TypeError or RangeError that names the field. */
  fault(rule: FaultRule): void;
  /** Resets it now (RST, both sides). */
  cut(): void;
}

export interface ConnectionOptions {
  readonly id: number;
  /** Accepted, paused, half-open allowed. */
  readonly client: Socket;
  readonly target: { readonly host: string; readonly port: number };
  readonly clock: Clock;
  readonly random: Random;
  readonly maxBufferedBytes: number;
  readonly faults: Readonly<Record<Direction, Faults>>;
}

/** An accepted socket, the one to the target, and the two pipes between them. */
export class Connection implements ProxiedConnection {
  readonly id: number;
  /** Resolves when both sockets are gone. */
  readonly gone: Promise<void>;
  #isGone!: () => void;
  readonly #options: ConnectionOptions;
  readonly #faults: Record<Direction, Faults>;
  readonly #sockets = new Set<Socket>();
  /** None before the target has been dialled. */
  readonly #pipes = new Map<Direction, Pipe>();

  constructor(options: ConnectionOptions) {
    this.id = options.id;
    this.#options = options;
    this.#faults = { ...options.faults };
    this.gone = new Promise((resolve) => {
      this.#isGone = resolve;
    });
    this.#watch(options.client);
    this.#dial();
  }

  get bytes(): Readonly<Record<Direction, number>> {
    const passed = (direction: Direction): number => this.#pipes.get(direction)?.passed ?? 0;
    return { upstream: passed("upstream"), downstream: passed("downstream") };
  }

  fault(rule: FaultRule): void {
    const { about, faults } = parseRule(rule, "connection.fault");
    this.change(about, faults);
  }

  change(about: readonly Direction[], faults: Partial<Faults>): void {
    for (const direction of about) {
      this.#faults[direction] = { ...this.#faults[direction], ...faults };
      this.#pipes.get(direction)?.change(faults);
    }
    if (this.#pipes.size === 0) this.#dial();
  }

  cut(): void {
    this.#end(reset);
  }

  destroy(): void {
    this.#end((socket) => socket.destroy());
  }

  #end(finish: (socket: Socket) => void): void {
    for (const pipe of this.#pipes.values()) pipe.stop();
    for (const socket of this.#sockets) finish(socket);
  }

  /** Through a black hole no handshake comes to pass, whichever direction it swallows: then the target hears nothing yet. */
  #dial(): void {
    const { client, target: address, clock, random, maxBufferedBytes } = this.#options;
    if (this.#sockets.size === 0) return;
    if (directions.some((direction) => this.#faults[direction].cutAfterBytes === 0)) return this.cut();
    if (directions.some((direction) => this.#faults[direction].blackHole)) return;
    const target = connect({ ...address, allowHalfOpen: true, noDelay: true });
    this.#watch(target);
    const shared = { clock, random, maxBufferedBytes, cut: () => this.cut() };
    this.#pipes.set("upstream", new Pipe({ ...shared, source: client, sink: target }));
    this.#pipes.set("downstream", new Pipe({ ...shared, source: target, sink: client }));
    for (const [direction, pipe] of this.#pipes) pipe.change(this.#faults[direction]);
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket);
    // `close` follows, and tells the other side.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size > 0) return;
      for (const pipe of this.#pipes.values()) pipe.stop();
      this.#isGone();
    });
  }
}

/** Both directions without a fault. */
export const faultless: Readonly<Record<Direction, Faults>> = { upstream: noFaults, downstream: noFaults };
