/**
 * What the conformance suite asks of a server: one method for each shape of a dialogue. Cases that need a handler with
 * a particular vice replace the method in question.
 * @service farcall.test.Conformance
 */
export interface Conformance {
  /** Nothing in, nothing out. */
  empty(): Promise<void>;
  /** The same bytes. */
  echo(bytes: Uint8Array): Promise<Uint8Array>;
  /** Takes any bytes and answers with `size` others. */
  resize(bytes: Uint8Array, size: number): Promise<Uint8Array>;
  /** Counts the bytes of a client stream. */
  sum(chunks: AsyncIterable<Uint8Array>): Promise<number>;
  /** One item for each size. */
  download(sizes: number[]): AsyncIterable<Uint8Array>;
  /** Answers each item with itself. */
  talk(lines: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Sleeps until it is told to stop. */
  sleep(): Promise<void>;
  /** Sleeps too, and says itself how long callers wait. @timeout 2s */
  nap(): Promise<void>;
  /** The metadata of the call, as the handler saw it. */
  metadata(): Promise<MetadataEntry[]>;
  /** Takes a structure, so that there is something to get wrong. */
  order(order: Order): Promise<Receipt>;
  /** Gives free-form data back. */
  record(values: Record<string, string>): Promise<Record<string, string>>;
}

/** One key with one value of either type. */
export interface MetadataEntry {
  key: string;
  text?: string;
  bytes?: Uint8Array;
}

export interface Order {
  sku: string;
  units: number;
  lines: OrderLine[];
}

export interface OrderLine {
  note: string;
  price: number;
}

export interface Receipt {
  id: string;
  placed: Date;
}
