#!/usr/bin/env node
// Before anything is loaded that an older Node does not understand.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`error: farcall needs Node 20.19 or newer, and this is ${process.versions.node}\nhint: see https://nodejs.org`);
  process.exitCode = 1;
} else {
  await import("../dist/main.js");
}
