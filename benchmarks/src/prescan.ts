// What does looking at untrusted bytes before they are decoded cost, compared with decoding them?
import { copyEncoded, decode, encode, scan } from "@farcall/protocol";
import { median } from "./harness/summary.js";

const rounds = 15;
const perRound = 4_000;

const order = (i: number) => ({
  id: 100_000 + i,
  sku: `SKU-${i}-ABCDEF`,
  units: i + 1,
  price: 19.99 + i / 7,
  placed: new Date(1.7e12 + i * 86_400_000),
  isGift: i % 2 === 0,
  note: "Please leave it with the neighbours if nobody is at home.",
  address: { street: `Main Street ${i}`, city: "Springfield", zip: 12_345 + i },
});

const values = Array.from({ length: 20 }, (_, i) => order(i));
const bytes = copyEncoded(encode(values));
const payload = { bytes, start: 0, end: bytes.length, announced: 0, isOwn: false };

function timed(run: () => void): number {
  const began = performance.now();
  for (let i = 0; i < perRound; i++) run();
  return ((performance.now() - began) * 1_000) / perRound;
}

const look = (): void => void scan(bytes, 0, bytes.length, 1);
const read = (): void => void decode(payload);
for (let i = 0; i < 3; i++) {
  timed(look);
  timed(read);
}
const pairs = Array.from({ length: rounds }, () => ({ scanUs: timed(look), decodeUs: timed(read) }));
const shares = pairs.map(({ scanUs, decodeUs }) => scanUs / decodeUs);
console.log(
  `20 orders, ${JSON.stringify(values).length} bytes as JSON, ${bytes.length} as MessagePack maps; ${rounds} rounds, interleaved`,
);
console.log(`scan    ${median(pairs.map(({ scanUs }) => scanUs)).toFixed(2)} us`);
console.log(`decode  ${median(pairs.map(({ decodeUs }) => decodeUs)).toFixed(2)} us`);
console.log(
  `scan / decode: ${(median(shares) * 100).toFixed(1)} % (${(Math.min(...shares) * 100).toFixed(1)} to ${(Math.max(...shares) * 100).toFixed(1)}; asked for: at most 15 %)`,
);
