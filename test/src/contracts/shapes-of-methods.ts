/**
 * The forms that methods may take beside the four kinds of calls.
 * @service farcall.test.Methods
 */
export interface Methods {
  /** Answers later like any other, whatever is written here. */
  plain(text: string): string;
  /** Not every server can. */
  maybe?(): string;
  /** One by its name. */
  find(id: string): Promise<Found>;
  /** Several by their numbers. */
  find(ids: number[], limit?: number): Promise<Found[]>;
  /** Everything there is. */
  find(): Promise<number>;
  tail(of: "lines", from: { line: number }): AsyncIterable<string>;
  tail(of: "bytes", from: { offset: bigint; signal?: undefined }): AsyncIterable<Uint8Array>;
  join(separator: string, ...texts: string[]): string;
  /** Runs until it is told to stop. */
  wait(name: string, signal?: AbortSignal): Promise<void>;
  waitAmong(options: WaitOptions): Promise<void>;
  collect(signal: AbortSignal, items: AsyncIterable<string>, last: string): Promise<string[]>;
  on(event: "opened", listener: () => void): this;
  on(event: "moved", listener: (from: string, to: string) => void): this;
  on(event: "failed", listener: (why: string) => void): this;
  /** Takes units out of stock. @throws {OutOfStock} @throws {Closed} when it rains */
  reserve(sku: string, units: number): Promise<string>;
  /** @throws {Closed} */
  watch(): AsyncIterable<number>;
  readonly users: Users;
  readonly admin?: { audit: { list(): Promise<string[]> } };
}

export interface WaitOptions {
  name: string;
  signal?: AbortSignal;
}

export interface Found {
  name: string;
}

export interface Users {
  get(id: string): Promise<string>;
}

export interface OutOfStock {
  sku: string;
  left: bigint;
  until?: Date;
}

export declare class Closed extends Error {
  readonly why: "rain" | "night";
}
