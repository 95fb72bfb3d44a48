import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./fault.js";

export const freeze: Fault = {
  name: "freeze",
  title: "SIGSTOP of one, then SIGCONT",
  servers: 3,
  grows: false,
  throughProxies: false,
  async run({ victim, plan, strike, tellClient }) {
    await tellClient({ frozen: [victim.pid] });
    strike();
    victim.freeze();
    await sleep(plan.freezeMs);
    victim.thaw();
    await tellClient({ frozen: [] });
    return [victim];
  },
};
