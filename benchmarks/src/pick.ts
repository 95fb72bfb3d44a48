// What does choosing one of 1,000 endpoints cost, compared with one of 10?
import { type BalancerEndpoint, type BalancerName, createBalancer, type PickRequest } from "@farcall/client";
import { median } from "./harness/summary.js";

const rounds = 15;
const perRound = 200_000;
const sizes = [10, 1_000] as const;

/** Weights, calls under way and latencies differ, so that no branch is always taken. */
function fleet(count: number): BalancerEndpoint[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `ws://10.0.${i >> 8}.${i & 255}:7070`,
    url: `ws://10.0.${i >> 8}.${i & 255}:7070`,
    zone: undefined,
    metadata: {},
    weight: 1 + (i % 3),
    warmth: 1,
    pending: i % 7,
    latencyMs: 1 + (i % 11),
  }));
}

const request: PickRequest = { key: undefined, excludes: () => false };

/** Makes `perRound` picks and gives nanoseconds for each. */
function picking(name: BalancerName, size: number): () => number {
  const picker = createBalancer(name).picker(fleet(size));
  return () => {
    let weight = 0;
    const began = performance.now();
    for (let i = 0; i < perRound; i++) weight += picker.pick(request)?.weight ?? 0;
    const tookMs = performance.now() - began;
    if (weight < perRound) throw new Error(`${name} did not pick`);
    return (tookMs * 1e6) / perRound;
  };
}

console.log(`${rounds} rounds of ${perRound} picks, interleaved; median (lowest..highest round)`);
for (const name of ["p2c-ewma", "least-pending", "weighted-random"] as const) {
  const [few, many] = [picking(name, sizes[0]), picking(name, sizes[1])];
  for (let i = 0; i < 3; i++) {
    few();
    many();
  }
  const pairs = Array.from({ length: rounds }, () => ({ fewNs: few(), manyNs: many() }));
  const ratios = pairs.map(({ fewNs, manyNs }) => manyNs / fewNs);
  const spread = `${Math.min(...ratios).toFixed(2)}..${Math.max(...ratios).toFixed(2)}`;
  console.log(
    `${name.padEnd(16)} of ${sizes[0]}: ${median(pairs.map(({ fewNs }) => fewNs)).toFixed(0)} ns, of ${sizes[1]}: ` +
      `${median(pairs.map(({ manyNs }) => manyNs)).toFixed(0)} ns, ratio ${median(ratios).toFixed(2)} (${spread})`,
  );
}
