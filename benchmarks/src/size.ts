// How large is the generated code of a method, and what does a bundle hold of a service that a program does not use?
import { gzipSync } from "node:zlib";
import { boundBytes, generated, type Size } from "./size/generated.js";

const { sizes, bundle } = await generated();
const methods = sizes.reduce((sum, size) => sum + size.methods, 0);
const perMethod = (bytes: (size: Size) => number): number => sizes.reduce((sum, size) => sum + bytes(size), 0) / methods;

console.log(`${methods} methods in ${sizes.length} files of one service each; bytes per method\n`);
const gzip = perMethod((size) => size.gzip);
const figures = {
  "TypeScript, with its comments": perMethod((size) => size.typescript),
  "JavaScript, without comments": perMethod((size) => size.javascript),
  "the same, gzip": gzip,
  "minified, gzip": perMethod((size) => size.minifiedGzip),
};
for (const [name, bytes] of Object.entries(figures)) console.log(name.padEnd(32), bytes.toFixed(0).padStart(6));

console.log("\na bundle that uses one service of a module that exports all of them; gzip bytes per method of that service\n");
let strangers = 0;
for (const { service, methods: own } of sizes) {
  const text = await bundle(service);
  const others = sizes.filter((other) => other.service !== service && text.includes(`"shop.${other.service}"`));
  strangers += others.length;
  console.log(
    service.padEnd(32),
    (gzipSync(text).length / own).toFixed(0).padStart(6),
    others.map((other) => other.service).join(),
  );
}
const isSmall = gzip <= boundBytes;
console.log(
  `\n${isSmall ? "holds" : "DOES NOT HOLD"}: at most ${boundBytes} bytes of JavaScript per method, gzip: ${gzip.toFixed(0)}`,
);
console.log(`${strangers === 0 ? "holds" : "DOES NOT HOLD"}: no bundle holds another service`);
process.exitCode = isSmall && strangers === 0 ? 0 : 1;
