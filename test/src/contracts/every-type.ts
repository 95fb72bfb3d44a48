// biome-ignore-all lint/suspicious/noExplicitAny: they belong to the contract
// biome-ignore-all lint/complexity/noBannedTypes: they belong to the contract
/**
 * Every type that can travel, as properties of one object, in every kind of call.
 * @service farcall.test.EveryType
 */
export interface EveryType {
  echo(value: Every): Promise<Every>;
  download(values: Every[]): AsyncIterable<Every>;
  upload(values: AsyncIterable<Every>): Promise<Every[]>;
  talk(values: AsyncIterable<Every>): AsyncIterable<Every>;
  many(first: string, ...rest: Every[]): Promise<Every[]>;
  pick(value: Person): Promise<Person>;
  pick(value: bigint[]): Promise<bigint[]>;
  on(event: "changed", listener: (value: Every, count: number) => void): void;
  readonly group: { echo(value: Every, signal?: AbortSignal): Promise<Every> };
}

export interface Every
  extends Partial<Scalars>,
    Partial<Memory>,
    Partial<Lists>,
    Partial<Keyed>,
    Partial<Objects>,
    Partial<Computed>,
    Partial<Unions>,
    Partial<Bounded>,
    Partial<Nested>,
    Partial<Open> {}

interface Scalars {
  string: string;
  number: number;
  boolean: boolean;
  bigint: bigint;
  null: null;
  undefined: undefined;
  literal: "a";
  literals: "a" | "b" | 7 | -1.5 | false;
  bigLiterals: 7n | -1n | "c";
  numericEnum: Level;
  textEnum: Colour;
  mixedEnum: Mixed;
  enumMember: Colour.Red;
  template: `user_${number}`;
  wideTemplate: `${string}@${bigint}` | `#${string}`;
  branded: Sku;
  brandedByKey: number & { readonly __brand: "Cents" };
  date: Date;
  url: URL;
}

export declare enum Level {
  Low = 0,
  High = 5,
  Higher = High + 1,
}

export declare enum Colour {
  Red = "red",
  Green = "green",
}

export declare enum Mixed {
  None = 0,
  All = "all",
}

declare const sku: unique symbol;
export type Sku = string & { readonly [sku]: true };

interface Memory {
  bytes: Uint8Array;
  buffer: ArrayBuffer;
  int8: Int8Array;
  clamped: Uint8ClampedArray;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  float32: Float32Array;
  float64: Float64Array;
  bigint64: BigInt64Array;
  biguint64: BigUint64Array;
}

interface Lists {
  array: string[];
  arrays: readonly (readonly number[])[];
  sparse: (number | undefined)[];
  tuple: [string, number];
  labelled: [name: string, age?: number, ...more: boolean[]];
  optionalTuple: [string?, Date?];
  restTuple: [...bigint[]];
  emptyTuple: [];
  trailing: [number, string | undefined, unknown];
  objects: { id: string; at?: Date }[];
}

interface Keyed {
  record: Record<string, number>;
  signature: { [name: string]: Date };
  numbered: { [index: number]: string };
  templateKeys: Record<`id-${number}`, boolean>;
  finite: Record<"left" | "right", bigint>;
  named: { id: string; note?: string; [more: string]: string | number | undefined };
  map: Map<string, Date>;
  mixedKeys: ReadonlyMap<number | "all", bigint[]>;
  set: Set<bigint>;
  readonlySet: ReadonlySet<boolean | null | string>;
}

interface Base {
  id: string | number;
  base: boolean;
}

interface Objects {
  plain: { a: string; b?: number };
  redeclared: Derived;
  merged: Merged;
  namespaced: Space.Inner;
  generic: Page<{ sku: Sku }>;
  defaulted: Page;
  intersection: { a: string } & { b: number; c?: boolean };
  brandedObject: { a: string } & { readonly __brand: "Checked" };
  present: { value: string | undefined };
  either: { value?: string | null };
  inherited: { constructor: string; toString?: number };
}

export interface Derived extends Base {
  id: string;
  own: Date;
}

export interface Merged {
  first: string;
}

export interface Merged {
  second: number;
}

export declare namespace Space {
  export interface Inner {
    outer: Level;
  }
}

export interface Page<T = string> {
  items: T[];
  next?: T;
}

export interface Person {
  name: string;
  born?: Date;
  mail: string | null;
}

const settings = { size: 1 as number, tone: "low" as "low" | "high" };

interface Computed {
  picked: Pick<Person, "name" | "born">;
  omitted: Omit<Person, "mail">;
  partial: Partial<Person>;
  required: Required<Person>;
  mapped: { [K in keyof Person as `get_${K}`]: Person[K] | null };
  conditional: Person extends { born?: infer T } ? Exclude<T, undefined> : never;
  indexed: Person["mail"];
  keys: keyof Person;
  of: typeof settings;
  defined: NonNullable<string | null | undefined>;
  element: Lists["objects"][number];
}

/** Told from a person by nothing but its properties; a value may well be both. */
export interface Company {
  name: string;
  owners: Set<string>;
}

interface Unions {
  tagged: { kind: "circle"; radius: number } | { kind: "path"; points: Float64Array } | { kind: "none" | "all" };
  byNumber: { v: 1; old: string } | { v: 2; new: bigint };
  byBoolean: { ok: true; value: Date } | { ok: false; error: string };
  byBigint: { n: 1n; one: string } | { n: 2n; two: string };
  taggedOrNot: { kind: "a"; a: string } | { kind: "b"; b: number } | string[] | number | null;
  byKind: string | bigint | Date | boolean[] | Uint8Array | { a: string } | null;
  byProperties: Person | Company;
  optionalUnion: { at?: string | Date };
  numbersOrTexts: number | "auto" | `${number}px`;
  lists: (string | number)[] | [Date];
}

interface Bounded {
  /** @type int32 @minimum -5 @maximum 50 */
  units: number;
  /** @type uint32 */
  count: number;
  /** @type int64 */
  cents: bigint;
  /** @type uint64 @exclusiveMaximum 1000000000000000000 */
  supply: bigint;
  /** @type float */
  float: number;
  /** @type double @exclusiveMinimum 0 @exclusiveMaximum 1 */
  fraction: number;
  /** @multipleOf 0.25 */
  quarters: number;
  /** @multipleOf 3 @minimum -9 */
  threes: bigint | null;
  /** @minLength 1 @maxLength 8 */
  short: string;
  /** @length 2 */
  two: string;
  /** @pattern ^[A-Z]{2}-\d+$ */
  code: string;
  /** @format uuid */
  uuid: string;
  /** @format email */
  mail: string;
  /** @format date-time */
  moment: string;
  /** @format ipv4 */
  address: string;
  /** @minItems 1 @maxItems 3 */
  few: number[];
  /** @items 2 */
  pair: string[];
  /** @minItems 2 @maxItems 4 */
  several: [string, ...number[]];
  /** @uniqueItems */
  distinct: ({ a: string } | string)[];
  /** @maxLength 4 */
  shortTemplate: `#${string}`;
}

export interface Folder {
  name: string;
  folders: Map<string, Folder>;
  parent?: Folder;
}

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export type Expression = { op: "value"; value: number } | { op: "add"; left: Expression; right: Expression };

export interface Even {
  next?: Odd;
}

export interface Odd {
  next: Even | null;
  pair: [Even, Odd?];
}

interface Nested {
  folder: Folder;
  json: Json;
  expression: Expression;
  mutual: Even;
}

interface Open {
  unknown: unknown;
  any: any;
  object: object;
  openObject: {};
  unknowns: Record<string, unknown>;
  needed: { value: unknown; name: string };
}
