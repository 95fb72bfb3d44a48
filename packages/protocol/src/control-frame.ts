import { ProtocolError } from "./close-code.js";
import { decode, encode } from "./codec.js";
import { type DrainFrame, kinds, type Load, type Payload, type ReconnectBounds } from "./frame.js";
import type { FrameWriter } from "./frame-writer.js";
import type { Outbox } from "./outbox.js";

/** The maps of frames that are about a connection and not about a call: how they are read, and how they are written. */

/** What a pong says of its sender. @throws ProtocolError */
export function readLoad(payload: Payload): Load {
  const map = readMap(payload, "the load of a pong");
  const load: { -readonly [Key in keyof Load]: Load[Key] } = {};
  if (map.has("running")) load.running = uint(map, "running", "the load of a pong");
  if (map.has("lagMs")) load.lagMs = uint(map, "lagMs", "the load of a pong");
  if (map.has("reconnectMs")) load.reconnectMs = uint(map, "reconnectMs", "the load of a pong");
  return load;
}

/** @throws ProtocolError */
export function readDrain(phase: number, payload: Payload): DrainFrame {
  const map = readMap(payload, "a drain frame");
  if (phase === 1) return { kind: kinds.drain, phase };
  if (phase !== 2) throw new ProtocolError(`a drain frame of phase ${phase}`);
  const lastCallId = uint(map, "lastCallId", "a drain frame");
  const reconnectMinMs = map.has("reconnectMinMs") ? uint(map, "reconnectMinMs", "a drain frame") : 0;
  const reconnectMaxMs = map.has("reconnectMaxMs") ? uint(map, "reconnectMaxMs", "a drain frame") : reconnectMinMs;
  if (reconnectMaxMs < reconnectMinMs) throw new ProtocolError("a drain frame whose reconnectMaxMs is below its reconnectMinMs");
  return { kind: kinds.drain, phase, lastCallId, reconnectMinMs, reconnectMaxMs };
}

/** @throws ProtocolError */
export function readHealth(payload: Payload): ReadonlyMap<string, boolean> {
  const map = readMap(payload, "a health frame");
  for (const isWell of map.values()) {
    if (typeof isWell !== "boolean") throw new ProtocolError("a health frame with a value that is not a boolean");
  }
  return map as ReadonlyMap<string, boolean>;
}

/** `[4, nonce, load]`, ahead of whatever waits. */
export function sendPong(outbox: Outbox, nonce: number, load: Load | undefined): void {
  const writer = outbox.urgent(96);
  writer.byte(0x93);
  writer.byte(kinds.pong);
  writer.uint(nonce);
  if (load === undefined) writer.byte(0xc0);
  else writeUints(writer, load);
  outbox.wrote();
}

/** `[7, 1, {}]`: we are about to leave, or: our last call is behind us. */
export function sendDrain(outbox: Outbox): void {
  const writer = outbox.frame(8);
  beginDrain(writer, 1);
  writer.byte(0x80);
  outbox.wrote();
}

/** `[7, 2, map]`: what was accepted, and when to come back. */
export function sendLastCall(outbox: Outbox, lastCallId: number, bounds: ReconnectBounds): void {
  const writer = outbox.frame(96);
  beginDrain(writer, 2);
  const { reconnectMinMs, reconnectMaxMs } = bounds;
  writeUints(writer, { lastCallId, reconnectMinMs, reconnectMaxMs });
  outbox.wrote();
}

/** `[8, map]`: which services have become well, or are no longer. */
export function sendHealth(outbox: Outbox, services: Readonly<Record<string, boolean>>): void {
  const { bytes, start, end } = encode([kinds.health, services]);
  const writer = outbox.frame(end - start);
  writer.raw(bytes, start, end);
  outbox.wrote();
}

/** `[5, lastCallId, reason]`. */
export function sendGoodbye(outbox: Outbox, lastCallId: number, reason: string): void {
  const writer = outbox.frame(32 + reason.length * 3);
  writer.byte(0x93);
  writer.byte(kinds.goodbye);
  writer.uint(lastCallId);
  writer.string(reason);
  outbox.wrote();
}

function beginDrain(writer: FrameWriter, phase: number): void {
  writer.byte(0x93);
  writer.byte(kinds.drain);
  writer.byte(phase);
}

/** Unlike `encode`, which writes what is beyond 32 bits as a float. */
function writeUints(writer: FrameWriter, map: Load | ({ readonly lastCallId: number } & ReconnectBounds)): void {
  const entries = Object.entries(map);
  writer.byte(0x80 | entries.length);
  for (const [key, value] of entries) {
    writer.string(key);
    writer.uint(value);
  }
}

function readMap(payload: Payload, what: string): ReadonlyMap<string, unknown> {
  let value: unknown;
  try {
    value = decode(payload);
  } catch {
    throw new ProtocolError(`${what} cannot be decoded`);
  }
  // Whatever is an object here came as a map, or as one of the extensions: those are classes, arrays are arrays.
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    throw new ProtocolError(`${what} whose map is none`);
  }
  return new Map(Object.entries(value));
}

function uint(map: ReadonlyMap<string, unknown>, key: string, what: string): number {
  const value = map.get(key);
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new ProtocolError(`${what}: ${key} is not an unsigned integer`);
}
