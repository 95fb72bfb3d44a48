// Compiled and run in a project that has installed the packages: what their manifests promise can be imported.
import * as client from "@farcall/client";
import * as codegen from "@farcall/codegen";
import * as protocol from "@farcall/protocol";
import * as generated from "@farcall/protocol/codegen/v1";
import * as server from "@farcall/server";
import * as testing from "@farcall/testing";

const promised: readonly unknown[] = [
  client.createClient,
  codegen.generate,
  protocol.FarcallError,
  generated.service,
  server.createServer,
  testing.createMemoryNetwork,
];
if (!promised.every((one) => typeof one === "function")) throw new Error("an entry point lacks what it is for");
