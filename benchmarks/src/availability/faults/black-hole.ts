import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./fault.js";

export const blackHole: Fault = {
  name: "black-hole",
  title: "nothing passes to and from one, then it goes on",
  servers: 3,
  grows: false,
  throughProxies: true,
  async run({ victim, plan, strike }) {
    strike();
    victim.proxy.fault({ blackHole: true });
    await sleep(plan.blackHoleMs);
    await victim.proxy.heal();
    return [victim];
  },
};
