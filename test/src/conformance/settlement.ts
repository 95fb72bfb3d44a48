import { FarcallError } from "@farcall/client";

/** The error a call fails with. Fails itself when the call succeeds, or fails with anything but an error of Farcall. */
export async function failureOf(call: Promise<unknown>): Promise<FarcallError> {
  const outcome = await call.then(
    () => "it succeeded",
    (error: unknown) => (FarcallError.is(error) ? error : new Error(`it failed with ${String(error)}`, { cause: error })),
  );
  if (typeof outcome === "string") throw new Error(`expected the call to fail; ${outcome}`);
  if (FarcallError.is(outcome)) return outcome;
  throw outcome;
}

/** Everything a stream yields. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** A stream of what there is. */
export async function* streamOf<T>(...items: readonly T[]): AsyncGenerator<T, void, void> {
  yield* items;
}

/** A promise and its handle, for what happens at a moment of the case's choosing. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Waits, turn by turn, until `condition` holds; fails after two seconds of real time. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const latest = performance.now() + 2_000;
  while (!condition()) {
    if (performance.now() > latest) throw new Error(`waited 2 s in vain until ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
