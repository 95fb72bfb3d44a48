import { type Case, lateBy, type Score } from "./score.js";

/** What must hold, and who breaks it. */
export interface Verdict {
  readonly text: string;
  readonly holds: boolean;
  /** The calls to look at when it does not. */
  readonly culprits: readonly Case[];
}

const leastPerSecond = 500;

/** Holds everything that was promised against what happened. */
export function judge(cases: readonly Case[], { calls, perSecond }: Score): Verdict[] {
  const total = Object.values(calls).reduce((sum, n) => sum + n, 0);
  const orders = cases.filter(({ record }) => record.method === "place");
  const quotes = cases.filter(({ record }) => record.method === "quote");
  const none = (what: string, culprits: readonly Case[]): Verdict => ({
    text: `${what}: ${culprits.length}`,
    holds: culprits.length === 0,
    culprits,
  });
  return [
    {
      text: `${total.toLocaleString("en-US")} calls, ${perSecond.toFixed(0)} a second (${leastPerSecond} or more)`,
      holds: perSecond >= leastPerSecond,
      culprits: [],
    },
    none(
      "answers that differ from the data",
      cases.filter(({ record }) => record.wrong !== undefined),
    ),
    none(
      "quotes (idempotent) that failed",
      quotes.filter(({ record }) => record.code !== "OK"),
    ),
    none(
      "orders executed twice",
      orders.filter(({ entries }) => entries.length > 1),
    ),
    none(
      "orders filled for the caller that no server executed",
      orders.filter(({ record, entries }) => record.code === "OK" && entries.length === 0),
    ),
    none("orders executed after their deadline", orders.filter(lateBy)),
    none(
      'calls reported executed: "no" that ran',
      cases.filter(({ record, entries }) => record.executed === "no" && entries.length > 0),
    ),
    none(
      'calls reported executed: "yes" that did not run',
      cases.filter(({ record, entries }) => record.executed === "yes" && entries.length === 0),
    ),
    none(
      "calls that failed in the rolling restart",
      cases.filter(({ record, fault }) => fault?.kind === "roll" && record.code !== "OK"),
    ),
  ];
}
