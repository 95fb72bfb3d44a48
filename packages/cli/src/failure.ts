/** The command did not do what it was asked to; says why, and what to do about it. */
export class Failure extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** The command line is wrong; says how to put it right. */
export class UsageError extends Failure {}
