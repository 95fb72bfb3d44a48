import { setTimeout as sleep } from "node:timers/promises";

/** How long the exchange takes, in milliseconds: some calls are always under way when a server is struck. */
const answerMs = 25;

/** Between two prices of a ticker, in milliseconds. */
const tickMs = 20;

/** Whoever quotes or trades asks the exchange, which is elsewhere. It waits and does not compute, as calls of databases do. */
export async function exchangeAnswers(): Promise<void> {
  await sleep(answerMs);
}

export async function tick(): Promise<void> {
  await sleep(tickMs);
}
