import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./fault.js";

export const rolling: Fault = {
  name: "rolling",
  title: "SIGTERM and restart of each, one after the other",
  servers: 3,
  grows: false,
  throughProxies: false,
  async run({ servers, plan, strike }) {
    for (const server of servers) {
      strike();
      await server.stop();
      await server.start();
      await sleep(plan.pauseMs);
    }
    return [];
  },
};
