import { added } from "./added.js";
import { blackHole } from "./black-hole.js";
import { cut } from "./cut.js";
import type { Fault, FaultName } from "./fault.js";
import { freeze } from "./freeze.js";
import { kill } from "./kill.js";
import { rolling } from "./rolling.js";
import { slow } from "./slow.js";

export const faults: Readonly<Record<FaultName, Fault>> = {
  kill,
  freeze,
  "black-hole": blackHole,
  rolling,
  cut,
  slow,
  added,
};
