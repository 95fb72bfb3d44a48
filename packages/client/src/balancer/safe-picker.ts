import { describeThrown } from "@farcall/protocol";
import type { Balancer, BalancerEndpoint, Picker, PickRequest } from "./balancer.js";
import { RoundRobin } from "./round-robin.js";

/**
 * The picker of a balancer that may be wrong: where it throws, picks what it may not, or nothing while something is left,
 * round robin answers in its place, so that no call fails or waits for that. `report` hears the first fault of each picker,
 * which is once per change of the list. A balancer that makes no picker is replaced until the next change.
 */
export function safePicker(balancer: Balancer, ready: readonly BalancerEndpoint[], report: (fault: Error) => void): Picker {
  const fallback = new RoundRobin().picker(ready);
  let isReported = false;
  const fault = (what: string, cause?: unknown): void => {
    if (isReported) return;
    isReported = true;
    const message = `balancer ${nameOf(balancer)} ${what}; round robin stands in`;
    report(new Error(message, cause === undefined ? undefined : { cause }));
  };
  let picker: Picker;
  try {
    picker = balancer.picker(ready);
    if (typeof picker?.pick !== "function") {
      fault("returned no picker: it must be an object with pick(request)");
      return fallback;
    }
  } catch (error) {
    fault(`threw in picker(): ${describeThrown(error)}`, error);
    return fallback;
  }
  const members = new Set(ready);
  return {
    pick: (request: PickRequest) => {
      let picked: BalancerEndpoint | undefined;
      try {
        picked = picker.pick(request);
      } catch (error) {
        fault(`threw in pick(): ${describeThrown(error)}`, error);
        return fallback.pick(request);
      }
      if (picked !== undefined && members.has(picked) && !request.excludes(picked)) return picked;
      const instead = fallback.pick(request);
      if (picked !== undefined) fault(members.has(picked) ? "picked an excluded endpoint" : "picked what is not in its list");
      else if (instead !== undefined) fault("picked nothing although an endpoint is left");
      return instead;
    },
  };
}

function nameOf(balancer: Balancer): string {
  try {
    return String(balancer.name);
  } catch {
    return "without a name";
  }
}
