import { FarcallError, show } from "@farcall/protocol";

/** One attempt of a call that did not bring its result. */
export interface AttemptNote {
  readonly url: string;
  /** From its sending to its end, in milliseconds. */
  readonly tookMs: number;
  /** What it ended with; `undefined` for one that was given up when the call was settled. */
  readonly error: FarcallError | undefined;
  /** It ran beside another that took too long. */
  readonly isRival: boolean;
}

/** What is known of a call that failed. */
export interface FailureNote {
  readonly method: string;
  readonly attempts: readonly AttemptNote[];
  /** Why it was not sent again. */
  readonly why: string | undefined;
}

/** The notes of failed calls, for as long as somebody holds their errors. */
export class FailureNotes {
  readonly #notes = new WeakMap<FarcallError, FailureNote>();

  add(error: FarcallError, note: FailureNote): void {
    this.#notes.set(error, note);
  }

  /** What happened, in a few lines for people. @throws TypeError for anything but a FarcallError. */
  explain(error: unknown): string {
    if (!FarcallError.is(error)) throw new TypeError(`client.explain: the argument must be a FarcallError, got ${show(error)}`);
    const note = this.#notes.get(error);
    const lines = [`${error.code}: ${error.message}`, meaning[error.executed]];
    if (note === undefined)
      return [...lines, "It is not the error of a call of this client, or the call was never sent."].join("\n");
    for (const [i, { url, tookMs, error: failure, isRival }] of note.attempts.entries()) {
      const how = failure === undefined ? "no answer" : `${failure.code}, executed: ${failure.executed}: ${failure.message}`;
      lines.push(
        `${i + 1}. ${note.method} at ${url}${isRival ? ", beside the one before" : ""}, after ${Math.round(tookMs)} ms: ${how}`,
      );
    }
    if (note.attempts.length === 0) lines.push(`${note.method} was not sent anywhere.`);
    if (note.why !== undefined) lines.push(`Not sent again: ${note.why}.`);
    return lines.join("\n");
  }
}

const meaning = {
  no: "executed: no. The handler was not entered; the call may be made again.",
  yes: "executed: yes. The handler was entered; what it did may stand.",
  unknown: "executed: unknown. The handler may have run, or may still; nobody can tell from here.",
} as const;
