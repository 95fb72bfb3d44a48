import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./fault.js";

export const kill: Fault = {
  name: "kill",
  title: "SIGKILL of one, restarted later",
  servers: 3,
  grows: false,
  throughProxies: false,
  async run({ victim, plan, strike }) {
    strike();
    await victim.kill();
    await sleep(plan.downMs);
    await victim.start();
    return [victim];
  },
};
