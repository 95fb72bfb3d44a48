import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./fault.js";

export const slow: Fault = {
  name: "slow",
  title: "one becomes 20 times slower",
  servers: 3,
  grows: false,
  throughProxies: false,
  async run({ victim, plan, strike }) {
    strike();
    await victim.slowDown(20);
    await sleep(plan.slowMs);
    await victim.slowDown(1);
    return [victim];
  },
};
