import { type Code, FarcallError, show } from "@farcall/protocol";

/** One attempt of a call that did not bring its result. */
export interface AttemptNote {
  readonly url: string;
  /** From its sending to its end, in milliseconds. */
  readonly tookMs: number;
  /** What it ended with; `undefined` for one that was given up when the call was settled. */
  readonly error: FarcallError | undefined;
  /** It ran beside another that took too long. */
  readonly isRival: boolean;
  /** Fingerprints of the services of that server, by wire name, as far as it has told them. */
  readonly contracts: Readonly<Record<string, string>>;
}

/** What is known of a call that failed. */
export interface FailureNote {
  readonly service: string;
  readonly method: string;
  readonly attempts: readonly AttemptNote[];
  /** Why it was not sent again. */
  readonly why: string | undefined;
}

/** The notes of failed calls, for as long as somebody holds their errors. */
export class FailureNotes {
  readonly #notes = new WeakMap<FarcallError, FailureNote>();
  readonly #contracts: ReadonlyMap<string, string>;

  /** `contracts`: the fingerprints of this client's own services, by wire name. */
  constructor(contracts: ReadonlyMap<string, string>) {
    this.#contracts = contracts;
  }

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
    return [...lines, ...this.#mismatch(error, note)].join("\n");
  }

  /** Where both sides are well and do not understand each other, their contracts say why. */
  #mismatch({ code }: FarcallError, { service, attempts }: FailureNote): string[] {
    const { contracts = {}, url = "" } = attempts.at(-1) ?? {};
    const served = Object.keys(contracts);
    const own = this.#contracts.get(service);
    if (!misunderstandings.includes(code) || served.length === 0 || own === undefined) return [];
    if (!Object.hasOwn(contracts, service)) return [`${url} serves ${served.slice(0, 8).join(", ")}, and no ${service}.`];
    if (contracts[service] === own) return [];
    return [`${url} has another contract of ${service} than this client: generate both from the same file.`];
  }
}

/** What comes of contracts that differ. */
const misunderstandings: readonly Code[] = ["INVALID_ARGUMENT", "UNIMPLEMENTED", "INTERNAL"];

const meaning = {
  no: "executed: no. The handler was not entered; the call may be made again.",
  yes: "executed: yes. The handler was entered; what it did may stand.",
  unknown: "executed: unknown. The handler may have run, or may still; nobody can tell from here.",
} as const;
