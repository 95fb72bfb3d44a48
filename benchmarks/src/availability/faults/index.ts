import { added } from "./added.js";
import type { Fault, FaultName } from "./fault.js";
import { freeze } from "./freeze.js";
import { kill } from "./kill.js";
import { rolling } from "./rolling.js";
import { slow } from "./slow.js";

export const faults: Readonly<Record<FaultName, Fault>> = { kill, freeze, rolling, slow, added };
