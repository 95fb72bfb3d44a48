/**
 * One method for each type that a contract may use; every one gives back what it is given.
 * @service farcall.test.Values
 */
export interface Values {
  text(value: string): Promise<string>;
  number(value: number): Promise<number>;
  bigint(value: bigint): Promise<bigint>;
  date(value: Date): Promise<Date>;
  bytes(value: Uint8Array): Promise<Uint8Array>;
  memory(value: Memory): Promise<Memory>;
  sparse(value: (number | undefined)[]): Promise<(number | undefined)[]>;
  dense(value: number[]): Promise<number[]>;
  tuple(value: [string, number?, ...boolean[]]): Promise<[string, number?, ...boolean[]]>;
  parameters(first: string, second?: number, third?: Date): Promise<number>;
  record(value: Record<string, number>): Promise<Record<string, number>>;
  texts(value: Record<string, string>): Promise<Record<string, string>>;
  map(value: Map<string, Date>): Promise<Map<string, Date>>;
  numberMap(value: Map<number | "all", bigint[]>): Promise<Map<number | "all", bigint[]>>;
  set(value: Set<bigint>): Promise<Set<bigint>>;
  person(value: Person): Promise<Person>;
  anyone(value: Person | Company): Promise<Person | Company>;
  shape(value: Shape): Promise<Shape>;
  loose(value: Loose): Promise<Loose>;
  folder(value: Folder): Promise<Folder>;
  either(value: string | bigint | Date | null): Promise<string | bigint | Date | null>;
  url(value: URL): Promise<URL>;
  template(value: `user_${number}` | `${string}@${bigint}`): Promise<`user_${number}` | `${string}@${bigint}`>;
  anything(value: unknown): Promise<unknown>;
  open(value: Open): Promise<Open>;
  numbered(value: { [index: number]: Date }): Promise<{ [index: number]: Date }>;
  branded(value: Sku): Promise<Sku>;
  bounded(value: Bounded): Promise<Bounded>;
  stream(values: AsyncIterable<Map<string, Date>>): AsyncIterable<Map<string, Date>>;
}

export interface Memory {
  int8?: Int8Array;
  clamped?: Uint8ClampedArray;
  int16?: Int16Array;
  uint16?: Uint16Array;
  int32?: Int32Array;
  uint32?: Uint32Array;
  float32?: Float32Array;
  float64?: Float64Array;
  bigint64?: BigInt64Array;
  biguint64?: BigUint64Array;
  buffer?: ArrayBuffer;
}

export interface Person {
  name: string;
  born?: Date;
  constructor?: string;
  toString: string | null;
}

/** Told from a person by nothing but its properties; a value may well be both. */
export interface Company {
  name: string;
  owners: Set<string>;
}

export type Shape = { kind: "circle"; radius: number } | { kind: "path"; points: Float64Array } | { kind: "none" | "all" };

export interface Loose {
  note?: string;
}

export interface Folder {
  name: string;
  folders: Map<string, Folder>;
  parent?: Folder;
}

export interface Open {
  id: string;
  note?: string;
  [more: string]: string | number | undefined;
}

declare const sku: unique symbol;
export type Sku = string & { readonly [sku]: true };

export interface Bounded {
  /** @type int32 @minimum -5 */
  units: number;
  /** @maximum 1000000000000000000000 */
  cents: bigint;
  /** @minLength 1 @maxLength 8 */
  name: string;
  /** @maxItems 3 @uniqueItems */
  tags?: number[] | null;
}
