import { settle } from "@farcall/testing";
import { openHandles } from "../conformance/pair.js";
import { until } from "../conformance/settlement.js";

/** Something that a case has opened, and that goes when it is closed. */
interface Closable {
  close(): Promise<unknown>;
}

/** Closes what a case has opened, the last first, and holds each case to leaving no socket and no timer. */
export function leavesNothing(): <T extends Closable>(one: T) => T {
  const open: Closable[] = [];
  let before = 0;
  beforeEach(async () => {
    // A turn later: mocha's own timer for the case is counted too.
    await settle(1);
    before = openHandles();
  });
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
    await until(() => openHandles() <= before, "every socket and timer is gone");
  });
  return (one) => {
    open.push(one);
    return one;
  };
}

/** Chance that is the same in each run: a linear congruential generator (Park and Miller). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
