import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./fault.js";

export const cut: Fault = {
  name: "cut",
  title: "all connections reset at once, three times",
  servers: 3,
  grows: false,
  throughProxies: true,
  async run({ servers, plan, strike }) {
    for (let i = 0; i < 3; i++) {
      strike();
      for (const server of servers) server.proxy.cut();
      await sleep(plan.pauseMs);
    }
    return [];
  },
};
