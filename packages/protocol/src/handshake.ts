import { closeCodes, ProtocolError } from "./close-code.js";
import { copyEncoded, decode, encode } from "./codec.js";
import type { Payload } from "./frame.js";
import { defaultLimits, fixedLimits, type Limits } from "./limits.js";

/** The WebSocket subprotocol; its number is the major version. */
export const subprotocol = "farcall.1";
export const minorVersion = 0;

/** What this implementation can do beyond the least; `docs/protocol.md` section 12. */
export const capabilities = ["drain", "health", "time"] as const;
export type Capability = (typeof capabilities)[number];

/** What each side tells the other before anything else. */
export interface Hello {
  readonly minor: number;
  /** Program and version, for people and logs. */
  readonly agent: string;
  /** What the sender can do beyond the least; one is in force when both sides list it. */
  readonly capabilities: readonly string[];
  readonly limits: Limits;
  /** Fingerprints of the services the sender knows, by wire name. */
  readonly contracts: Readonly<Record<string, string>>;
}

export interface Welcome extends Hello {
  /** Names this run of the server process. */
  readonly instanceId: string;
  /** Names this connection in the logs of both sides. */
  readonly connectionId: string;
  /** As in the load of a pong: over how long those who lose this server without a farewell should spread their return. */
  readonly reconnectMs: number | undefined;
}

/** Whether `capability` is in force with a peer that said this: we list them all. */
export function speaks(peer: Hello, capability: Capability): boolean {
  return peer.capabilities.includes(capability);
}

/** The map of a hello or welcome frame, encoded. Contracts that would not fit the frame are left out: they only inform. */
export function encodeHandshake(message: Hello | Welcome): Uint8Array {
  const map = (contracts: Readonly<Record<string, string>>) => {
    return copyEncoded(encode({ ...message, contracts }));
  };
  const whole = map(message.contracts);
  return whole.length <= fixedLimits.helloBytes ? whole : map({});
}

/** @throws ProtocolError */
export function parseHello(payload: Payload): Hello {
  const map = readMap(payload);
  return {
    minor: uint(map, "minor", 0),
    agent: text(map, "agent", 128),
    capabilities: parseCapabilities(map.get("capabilities")),
    limits: parsePeerLimits(map.get("limits")),
    contracts: parseContracts(map.get("contracts")),
  };
}

/** @throws ProtocolError */
export function parseWelcome(payload: Payload): Welcome {
  const map = readMap(payload);
  return {
    ...parseHello(payload),
    instanceId: text(map, "instanceId", 64),
    connectionId: text(map, "connectionId", 64),
    reconnectMs: map.has("reconnectMs") ? uint(map, "reconnectMs", 0) : undefined,
  };
}

function readMap(payload: Payload): Map<string, unknown> {
  if (payload.end - payload.start > fixedLimits.helloBytes) {
    const message = `a handshake of ${payload.end - payload.start} bytes; at most ${fixedLimits.helloBytes}`;
    throw new ProtocolError(message, closeCodes.limitExceeded);
  }
  return toMap(safeDecode(payload), "the handshake");
}

function safeDecode(payload: Payload): unknown {
  try {
    return decode(payload);
  } catch (error) {
    throw new ProtocolError(`the handshake cannot be decoded: ${error instanceof Error ? error.message : "unknown reason"}`);
  }
}

function toMap(value: unknown, what: string): Map<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ProtocolError(`${what} is not a map`);
  return new Map(Object.entries(value));
}

function uint(map: Map<string, unknown>, key: string, fallback: number): number {
  const value = map.get(key) ?? fallback;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw new ProtocolError(`handshake: ${key} is not an unsigned integer`);
  return value;
}

function text(map: Map<string, unknown>, key: string, maxLength: number): string {
  const value = map.get(key) ?? "";
  if (typeof value !== "string" || value.length > maxLength)
    throw new ProtocolError(`handshake: ${key} is not a string of at most ${maxLength} characters`);
  return value;
}

function parsePeerLimits(value: unknown): Limits {
  if (value === undefined) return defaultLimits;
  const map = toMap(value, "handshake: limits");
  return {
    maxMessageBytes: uint(map, "maxMessageBytes", defaultLimits.maxMessageBytes),
    streamWindowBytes: uint(map, "streamWindowBytes", defaultLimits.streamWindowBytes),
    chunkWindowBytes: uint(map, "chunkWindowBytes", defaultLimits.chunkWindowBytes),
    maxCalls: uint(map, "maxCalls", defaultLimits.maxCalls),
  };
}

function parseCapabilities(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.some((one) => typeof one !== "string"))
    throw new ProtocolError("handshake: capabilities is not an array of strings");
  return value as string[];
}

function parseContracts(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  const entries = [...toMap(value, "handshake: contracts")];
  if (entries.some(([, fingerprint]) => typeof fingerprint !== "string"))
    throw new ProtocolError("handshake: a fingerprint is not a string");
  return Object.fromEntries(entries) as Record<string, string>;
}
