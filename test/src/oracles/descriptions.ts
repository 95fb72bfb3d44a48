import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { z } from "zod";
import { asJsonSchema, type Protocol } from "./devtools.js";
import type { JsonSchema } from "./json-schema.js";

const require = createRequire(import.meta.url);

/** One type that somebody has published twice: for the compiler, and for a program to check. */
export interface Root {
  /** Of the contract: `Page.navigate`. */
  readonly method: string;
  readonly side: "argument" | "result";
  /** Inside the description's document. */
  readonly schema: JsonSchema;
  /** Says whether a value is one, where that is not the schema's business. */
  readonly accepts?: (value: unknown) => boolean;
}

/** A published package with types, and a description of the same that owes nothing to us. */
export interface Description {
  readonly name: string;
  /** What it is that gives the verdicts. */
  readonly oracle: string;
  /** A few lines of ours that make a contract of it. */
  readonly contract: string;
  /** The JSON Schema that all roots are part of. */
  readonly document: JsonSchema;
  readonly roots: readonly Root[];
}

async function readJson<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(require.resolve(name), "utf8")) as T;
}

function contractOf(from: string, names: readonly string[]): string {
  const methods = names.map((name) => `  as${name}(value: ns.${name}): void;`).join("\n");
  return `import type * as ns from "${from}";\n/** @service */\nexport interface Oracle {\n${methods}\n}\n`;
}

const domains = ["Page", "Runtime", "Network", "DOM", "CSS", "Debugger"];

async function devtools(): Promise<Description> {
  const all = await Promise.all(
    ["browser", "js"].map((name) => readJson<Protocol>(`devtools-protocol/json/${name}_protocol.json`)),
  );
  const { document, commands } = asJsonSchema(all.flatMap((one) => one.domains));
  return {
    name: "devtools-protocol",
    oracle: "its protocol description in JSON",
    contract: [
      'import type { ProtocolProxyApi as Api } from "devtools-protocol/types/protocol-proxy-api.js";',
      "/** @service */",
      `export interface Oracle extends Pick<Api.ProtocolApi, ${domains.map((name) => `"${name}"`).join(" | ")}> {}\n`,
    ].join("\n"),
    document,
    roots: commands.filter(({ method }) => domains.includes(method.split(".")[0] as string)),
  };
}

async function agentClient(): Promise<Description> {
  const document = await readJson<JsonSchema>("@agentclientprotocol/sdk/schema/v1/schema.json");
  const names = Object.keys(document.$defs ?? {});
  return {
    name: "@agentclientprotocol/sdk",
    oracle: "its JSON Schema",
    contract: contractOf("@agentclientprotocol/sdk", names),
    document,
    roots: names.map((name) => ({ method: `as${name}`, side: "argument", schema: { $ref: `#/$defs/${name}` } })),
  };
}

/** Those of a short run: their values are large. */
const few = [
  "check_run",
  "dependabot_alert",
  "deployment_status",
  "installation_repositories",
  "label",
  "membership",
  "push",
  "star",
];

async function webhooks(): Promise<Description> {
  const document = await readJson<JsonSchema>("@octokit/webhooks-schemas");
  const declared = await readFile(require.resolve("@octokit/webhooks-types/schema.d.ts"), "utf8");
  const [, list = ""] = /interface EventPayloadMap \{([^}]*)\}/.exec(declared) ?? [];
  const events = [...list.matchAll(/^ {2}(\w+):/gm)]
    .map((match) => match[1] as string)
    .filter((name) => process.env.FARCALL_LONG === "1" || few.includes(name));
  return {
    name: "@octokit/webhooks-types",
    oracle: "the JSON Schema of @octokit/webhooks-schemas",
    contract: [
      'import type { EventPayloadMap as Map } from "@octokit/webhooks-types";',
      `type Calls = { [K in "${events.join('" | "')}"]: (value: Map[K]) => void };`,
      "/** @service */",
      "export interface Oracle extends Calls {}\n",
    ].join("\n"),
    document,
    roots: events.map((name) => {
      const definition = [`${name}_event`, `${name}$event`].find((one) => Object.hasOwn(document.definitions ?? {}, one));
      if (definition === undefined) throw new Error(`no schema of ${name}`);
      return { method: name, side: "argument", schema: { $ref: `#/definitions/${definition}` } };
    }),
  };
}

async function modelContext(): Promise<Description> {
  // Its types would be worked out by the compiler; here they are of no use.
  const module: string = "@modelcontextprotocol/sdk/types.js";
  const schemas = (await import(module)) as Readonly<Record<string, z.ZodType>>;
  const names = Object.keys(schemas)
    .filter((name) => /(?:Request|Result|Notification|Block|Reference|Capabilities|Definition|Message)Schema$/.test(name))
    .map((name) => name.replace(/Schema$/, ""))
    .filter(someOf);
  const definitions = names.map((name) => [name, z.toJSONSchema(schemas[`${name}Schema`] as z.ZodType, jsonOfZod)] as const);
  return {
    name: "@modelcontextprotocol/sdk",
    oracle: "its zod schemas",
    contract: contractOf("@modelcontextprotocol/sdk/types.js", names),
    document: {},
    roots: definitions.map(([name, schema]) => ({
      method: `as${name}`,
      side: "argument",
      schema: schema as JsonSchema,
      accepts: (value) => schemas[`${name}Schema`]?.safeParse(value).success === true,
    })),
  };
}

/** Every third, where all are many; all in a long run. */
function someOf(_: string, index: number): boolean {
  return process.env.FARCALL_LONG === "1" || index % 3 === 0;
}

const jsonOfZod = { unrepresentable: "any", io: "output" } as const;

export function descriptions(): Promise<readonly Description[]> {
  return Promise.all([devtools(), agentClient(), webhooks(), modelContext()]);
}
