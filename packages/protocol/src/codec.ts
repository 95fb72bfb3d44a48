import { Packr, RESET_BUFFER_MODE, REUSE_BUFFER_MODE, Unpackr } from "msgpackr/pack";
import type { Payload } from "./frame.js";
import { scan } from "./scan.js";

/**
 * Values to MessagePack and back; the only file that knows msgpackr. Records are off on both sides, so nothing from
 * the wire is ever compiled, and every byte has passed `scan` before it is decoded.
 */
const packr = new Packr({
  useRecords: false,
  variableMapSize: true,
  useBigIntExtension: true,
  moreTypes: false,
  structuredClone: false,
  // A value is checked against its contract as it is; what a `toJSON` makes of it would pass unchecked.
  useToJSON: false,
} as ConstructorParameters<typeof Packr>[0]);

const unpackr = new Unpackr({
  useRecords: false,
  mapsAsObjects: true,
  int64AsType: "auto",
  // Received binaries belong to whoever receives them: never views into a message that others are read from.
  copyBuffers: true,
});

/** An encode buffer that has grown beyond this is not kept for the next value. */
const swollenBytes = 8 * 1024 * 1024;
let isSwollen = false;

/** Fresh memory of the kind msgpackr makes itself: a Node `Buffer` where there is one, since it writes strings by its methods. */
function emptyBuffer(): Uint8Array {
  const kind = packr.pack(null).constructor as { allocUnsafeSlow?: (size: number) => Uint8Array };
  return kind.allocUnsafeSlow?.(8192) ?? new Uint8Array(8192);
}

/** Encoded bytes inside a buffer that the next `encode` overwrites: copy or write them out at once. */
export interface Encoded {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Encodes one value, and scans it as the peer will: a value that the protocol refuses (a `__proto__` key, say) fails
 * here, alone, and not there, with the whole connection. What comes back is valid until the next call.
 * @throws Error when the value cannot travel: cyclic, too deep, a type that MessagePack has no form for.
 */
export function encode(value: unknown): Encoded {
  if (isSwollen) {
    // The encoder would keep the memory of its largest value for good.
    packr.useBuffer(emptyBuffer());
    isSwollen = false;
  }
  const packed = (packr.pack as (value: unknown, mode: number) => unknown)(
    value,
    REUSE_BUFFER_MODE | RESET_BUFFER_MODE,
  ) as Uint8Array & {
    start: number;
    end: number;
  };
  const { start, end } = packed;
  isSwollen = packed.length > swollenBytes;
  scan(packed, start, end, 1);
  return { bytes: packed, start, end };
}

/** The encoded bytes in memory of their own, to be kept. (msgpackr hands out a Node `Buffer`, whose `slice` is only a view.) */
export function copyEncoded(encoded: Encoded): Uint8Array {
  return Uint8Array.prototype.slice.call(encoded.bytes, encoded.start, encoded.end);
}

/** For memory that belongs to the value alone: large binaries stay where they are. */
const viewingUnpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: "auto" });

const range = { start: 0, end: 0 };

/** Decodes the one value between `start` and `end`, which `scan` has passed. @throws Error when msgpackr refuses it all the same. */
export function decode({ bytes, start, end, isOwn }: Pick<Payload, "bytes" | "start" | "end" | "isOwn">): unknown {
  range.start = start;
  range.end = end;
  return (isOwn ? viewingUnpackr : unpackr).unpack(bytes, range);
}
