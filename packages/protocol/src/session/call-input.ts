import { FarcallError, withExecuted } from "../error.js";
import type { MethodDescriptor } from "../service.js";
import { assertSendable, misfitOf, writeValue } from "../values.js";
import type { OutgoingCall } from "./outgoing-call.js";
import type { SendStream, SendStreamOwner } from "./send-stream.js";
import type { Session } from "./session.js";

/** The stream that a caller sends with its call, on the session that carries the call. */
export class CallInput implements SendStreamOwner {
  readonly #call: OutgoingCall;
  readonly #session: Session;
  readonly #stream: SendStream;

  constructor(call: OutgoingCall, session: Session, idleMs: number) {
    this.#call = call;
    this.#session = session;
    this.#stream = session.sendStream(this, idleMs);
  }

  run(source: AsyncIterable<unknown>): void {
    void this.#stream.run(source);
  }

  grant(total: number): void {
    this.#stream.grant(total);
  }

  stop(): void {
    this.#stream.stop();
  }

  // From the stream.

  sendItem(value: unknown): number {
    const { id, name, method, executed } = this.#call;
    let encoded: ReturnType<typeof writeValue>;
    try {
      encoded = writeValue(method.descriptor.input as NonNullable<MethodDescriptor["input"]>, value);
    } catch (error) {
      const message = `${name}: an item of the stream: ${misfitOf(error)}`;
      throw new FarcallError("INVALID_ARGUMENT", message, { executed, cause: error });
    }
    assertSendable(encoded, this.#session.peer.maxMessageBytes, `${name}: an item of the stream`, "yes");
    return this.#session.sendItem(id, encoded, this.#stream);
  }

  sourceEnded(): void {
    this.#session.sendEnd(this.#call.id);
    this.#call.inputEnded();
  }

  sourceFailed(thrown: unknown): void {
    const { name, executed } = this.#call;
    const ours = FarcallError.from(thrown);
    const message = `${name}: the stream of arguments threw`;
    this.#call.refuse(ours ? withExecuted(ours, executed) : new FarcallError("CANCELLED", message, { executed, cause: thrown }));
  }

  stalled(idleMs: number): FarcallError {
    const { name, executed } = this.#call;
    return new FarcallError("DEADLINE_EXCEEDED", `${name}: the server took nothing from the stream for ${idleMs} ms`, {
      executed,
    });
  }
}

/** A stream of arguments that was never started is still told that nobody will read it. */
export function letGo(source: AsyncIterable<unknown>): void {
  try {
    const iterator = source[Symbol.asyncIterator]();
    void Promise.resolve(iterator.return?.()).catch(() => {});
  } catch {
    // The call has already been settled.
  }
}
