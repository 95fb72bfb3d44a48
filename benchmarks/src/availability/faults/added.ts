import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./fault.js";

export const added: Fault = {
  name: "added",
  title: "a third is added to two",
  servers: 2,
  grows: true,
  throughProxies: false,
  async run({ servers, plan, strike, addServer, tellClient }) {
    const third = await addServer();
    strike();
    await tellClient({ ports: [...servers, third].map((server) => server.port) });
    await sleep(plan.growMs);
    return [third];
  },
};
