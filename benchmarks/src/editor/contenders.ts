import { generate } from "@farcall/codegen";
import { contractOf500, type Method, type Service } from "../contract-of-500/description.js";
import { sampleRequest } from "../contract-of-500/samples.js";
import { asTypeScript, fileOf } from "../contract-of-500/typescript.js";
import { schemaOf, schemasOf, servicesIndex, sharedSchemas } from "../contract-of-500/zod.js";
import type { Folder } from "../toolchain/folder.js";

/** One way to write the contract, and a client that calls it. */
export interface EditorContender {
  readonly name: string;
  readonly packages: readonly string[];
  /** Writes the contract, everything it needs, and `client.ts`. */
  write(folder: Folder): Promise<void>;
  /** What somebody types to reach the methods of the first service, and to call its first one. */
  readonly service: string;
  readonly call: string;
  /** An edit of the contract that leaves the client right, in the file of the first service. */
  readonly edit: readonly [from: string, to: string];
}

/** The client calls the methods of this many nouns of each service. */
const calledNouns = 2;

const farcall: EditorContender = {
  name: "farcall",
  packages: [],
  async write(folder) {
    const { files, inputs } = asTypeScript();
    folder.write(files);
    const { diagnostics } = await generate({ inputs, outDir: "gen", cwd: folder.path });
    if (diagnostics.length > 0) throw new Error(diagnostics[0]?.message);
    const { services } = contractOf500;
    const client = [
      'import { createClient } from "@farcall/client";',
      ...services.map((service) => `import { ${service.name} } from "./gen/${fileOf(service)}.js";`),
      'const connection = createClient("ws://127.0.0.1:7070");',
      `const client = { ${services.map((service) => `${fileOf(service)}: connection.service(${service.name})`).join(", ")} };`,
      ...calls((service, method) => {
        const call = `client.${fileOf(service)}.${method.name}(${sampleRequest(service, method)})`;
        return method.streams ? `for await (const item of ${call}) used(item);` : `used(await ${call});`;
      }),
    ];
    folder.write({ "client.ts": client.join("\n") });
  },
  service: "client.accounts.",
  call: "client.accounts.createAccount(",
  edit: ["export interface CreateAccount {", "export interface CreateAccount {\n  extra?: string;"],
};

const trpc: EditorContender = {
  name: "trpc",
  packages: ["@trpc/server", "@trpc/client", "zod"],
  async write(folder) {
    const { imports, names } = servicesIndex();
    folder.write({
      ...sharedSchemas(),
      "trpc.ts": [
        'import { initTRPC } from "@trpc/server";',
        "export const transformer = { serialize: (value: any) => value, deserialize: (value: any) => value };",
        "export const t = initTRPC.create({ transformer });",
        "export declare function stub(): never;",
      ].join("\n"),
      "router.ts": `import { t } from "./trpc.js";\n${imports}export const router = t.router({ ${names} });\nexport type Router = typeof router;\n`,
    });
    for (const service of contractOf500.services) {
      const procedures = service.methods.map(({ name, request, reply, streams }) => {
        const start = `  ${name}: t.procedure.input(${request})`;
        if (streams)
          return `${start}.subscription(async function* (): AsyncGenerator<z.infer<typeof ${schemaOf(reply)}>> { yield stub(); }),\n`;
        return `${start}.output(${schemaOf(reply)}).${isQuery(name) ? "query" : "mutation"}(() => stub()),\n`;
      });
      folder.write({
        [`${fileOf(service)}.ts`]: `import { stub, t } from "./trpc.js";\n${schemasOf(service)}\nexport const ${fileOf(service)} = t.router({\n${procedures.join("")}});\n`,
      });
    }
    const client = [
      'import { createTRPCClient, httpSubscriptionLink } from "@trpc/client";',
      'import type { Router } from "./router.js";',
      'import { transformer } from "./trpc.js";',
      'const client = createTRPCClient<Router>({ links: [httpSubscriptionLink({ url: "http://127.0.0.1", transformer })] });',
      ...calls((service, method) => {
        const path = `client.${fileOf(service)}.${method.name}`;
        const request = sampleRequest(service, method);
        if (method.streams) return `${path}.subscribe(${request}, { onData: (item) => used(item) });`;
        return `used(await ${path}.${isQuery(method.name) ? "query" : "mutate"}(${request}));`;
      }),
    ];
    folder.write({ "client.ts": client.join("\n") });
  },
  service: "client.accounts.",
  call: "client.accounts.createAccount.mutate(",
  edit: ["export const CreateAccount = z.object({", "export const CreateAccount = z.object({\n  extra: z.string().optional(),"],
};

const orpc: EditorContender = {
  name: "orpc",
  packages: ["@orpc/contract", "@orpc/client", "zod"],
  async write(folder) {
    const { imports, names } = servicesIndex();
    folder.write({ ...sharedSchemas(), "contract.ts": `${imports}export const contract = { ${names} };\n` });
    for (const service of contractOf500.services) {
      const procedures = service.methods.map(({ name, request, reply, streams }) => {
        const output = streams ? `eventIterator(${schemaOf(reply)})` : schemaOf(reply);
        return `  ${name}: oc.input(${request}).output(${output}),\n`;
      });
      folder.write({
        [`${fileOf(service)}.ts`]: `import { eventIterator, oc } from "@orpc/contract";\n${schemasOf(service)}\nexport const ${fileOf(service)} = {\n${procedures.join("")}};\n`,
      });
    }
    const client = [
      'import { createORPCClient } from "@orpc/client";',
      'import { RPCLink } from "@orpc/client/fetch";',
      'import type { ContractRouterClient } from "@orpc/contract";',
      'import type { contract } from "./contract.js";',
      'const client: ContractRouterClient<typeof contract> = createORPCClient(new RPCLink({ url: "http://127.0.0.1" }));',
      ...calls((service, method) => {
        const call = `await client.${fileOf(service)}.${method.name}(${sampleRequest(service, method)})`;
        return method.streams ? `for await (const item of ${call}) used(item);` : `used(${call});`;
      }),
    ];
    folder.write({ "client.ts": client.join("\n") });
  },
  service: "client.accounts.",
  call: "client.accounts.createAccount(",
  edit: trpc.edit,
};

export const contenders: readonly EditorContender[] = [farcall, trpc, orpc];

function isQuery(name: string): boolean {
  return name.startsWith("get") || name.startsWith("list");
}

function calls(call: (service: Service, method: Method) => string): readonly string[] {
  const lines = contractOf500.services.flatMap((service) =>
    service.methods.slice(0, calledNouns * 5).map((method) => `  ${call(service, method)}`),
  );
  return ["declare function used(value: unknown): void;", "export async function use(): Promise<void> {", ...lines, "}", ""];
}
