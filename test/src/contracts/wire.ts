/**
 * What implementations in other languages are measured by: every row of the plain encoding, all four kinds of calls.
 * @service farcall.test.Wire
 */
export interface Wire {
  /** Gives everything back, and says how its own language sees it. */
  everything(all: Everything): Promise<Mirror>;
  /** Says which parameters it got. */
  parameters(first: string, second?: string, third?: string): Promise<string[]>;
  nothing(): Promise<void>;
  /** Throws an error of its own, or something else. */
  fail(how: "not found" | "fault"): Promise<void>;
  /** The same bytes. */
  echo(bytes: Uint8Array): Promise<Uint8Array>;
  /** So many bytes. */
  make(size: number): Promise<Uint8Array>;
  /** 0, 1, 2, … below `end`. */
  count(end: number): AsyncIterable<number>;
  /** `count` items of `size` bytes each. */
  flood(count: number, size: number): AsyncIterable<Uint8Array>;
  /** Counts what it is sent. */
  tally(label: string, parts: AsyncIterable<Uint8Array>): Promise<Tally>;
  /** Answers each line in capitals. */
  shout(lines: AsyncIterable<string>): AsyncIterable<string>;
  /** Waits until it is told to stop, at most `ms`. */
  sleep(ms: number): Promise<void>;
  /** Why handlers of `sleep` were told to stop, oldest first. */
  aborted(): Promise<string[]>;
  /** The metadata of the call as text; answers with headers and trailers of its own. */
  metadata(): Promise<string[]>;
}

export type Level = 1 | 2;

export interface Circle {
  kind: "circle";
  radius: number;
}

export interface Square {
  kind: "square";
  side: bigint;
}

export interface Everything {
  text: string[];
  numbers: number[];
  bigints: bigint[];
  flags: boolean[];
  nothing: null;
  level: Level;
  literal: "on" | "off";
  pair: [string, number, boolean?];
  maybe?: string;
  also?: string;
  orNull: (string | null)[];
  holes: (string | undefined)[];
  record: Record<string, number>;
  dates: Date[];
  bytes: Uint8Array;
  shapes: (Circle | Square)[];
  either: (string | number | Date)[];
}

export interface Mirror {
  back: Everything;
  seen: Record<string, string>;
}

export interface Tally {
  label: string;
  items: number;
  bytes: number;
}
