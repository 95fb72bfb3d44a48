import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { MethodDescriptor, ServiceDescriptor, Shape } from "@farcall/protocol";
import { expect } from "chai";
import { generate } from "./index.js";
import { Workbench } from "./workbench.spec.support.js";

const require = createRequire(import.meta.url);

/** Interfaces that others have published, untouched, each through a few lines of ours. */
const wrappers = {
  "cdp.ts": [
    'import type { ProtocolProxyApi } from "devtools-protocol/types/protocol-proxy-api.js";',
    "/** @service cdp */",
    "export interface Cdp extends ProtocolProxyApi.ProtocolApi {}",
  ],
  "lsp.ts": [
    'import type * as lsp from "vscode-languageserver-protocol";',
    "type Request = lsp.ProtocolRequestType<any, any, any, any, any>;",
    "type Calls = {",
    "  [K in keyof typeof lsp as (typeof lsp)[K] extends { type: Request } ? K : never]: (typeof lsp)[K] extends {",
    "    type: lsp.ProtocolRequestType<infer P, infer R, any, any, any>;",
    "  }",
    "    ? (params: P) => Promise<R>",
    "    : never;",
    "};",
    "/** @service */",
    "export interface Lsp extends Calls {}",
  ],
  "dap.ts": [
    'import type { DebugProtocol as D } from "@vscode/debugprotocol";',
    "/** @service */",
    "export interface Dap {",
    "  initialize(args: D.InitializeRequestArguments): D.Capabilities | undefined;",
    '  setBreakpoints(args: D.SetBreakpointsArguments): D.SetBreakpointsResponse["body"];',
    '  stackTrace(args: D.StackTraceArguments): D.StackTraceResponse["body"];',
    '  variables(args: D.VariablesArguments): D.VariablesResponse["body"];',
    '  on(event: "stopped", listener: (body: D.StoppedEvent["body"]) => void): void;',
    '  on(event: "output", listener: (body: D.OutputEvent["body"]) => void): void;',
    "}",
  ],
};

interface Property {
  readonly name: string;
  readonly optional?: boolean;
  readonly enum?: readonly string[];
}

interface Protocol {
  readonly domains: readonly {
    readonly domain: string;
    readonly commands?: readonly {
      readonly name: string;
      readonly parameters?: readonly Property[];
      readonly returns?: readonly Property[];
    }[];
    readonly events?: readonly { readonly name: string }[];
  }[];
}

describe("published interfaces", function () {
  this.timeout(240_000);
  let bench: Workbench;
  const texts = new Map<string, string>();
  let cdp: ServiceDescriptor;

  before(async () => {
    bench = await Workbench.create(
      Object.fromEntries(Object.entries(wrappers).map(([name, lines]) => [name, `${lines.join("\n")}\n`])),
    );
    for (const name of Object.keys(wrappers)) {
      const { diagnostics, files } = await generate({ inputs: [name], outDir: "gen", cwd: bench.dir });
      expect(diagnostics.filter(({ severity }) => severity === "error")).to.deep.equal([]);
      expect([...new Set(diagnostics.map(({ code }) => code))]).to.deep.equal(["FC1205"]);
      texts.set(name, files[0]?.text ?? "");
    }
    expect(await bench.compile({ lib: ["ES2023", "DOM"] })).to.equal("");
    cdp = await bench.load("gen/cdp.js", "Cdp");
  });

  after(() => bench.dispose());

  it("are generated whole, and byte by byte the same again", async () => {
    for (const name of Object.keys(wrappers)) {
      const { files } = await bench.generate([name], { write: false });
      expect(files[0]?.status).to.equal("unchanged");
      expect(files[0]?.text).to.equal(texts.get(name));
    }
    expect((await bench.load("gen/lsp.js", "Lsp")).methods.size).to.be.greaterThan(60);
    expect((await bench.load("gen/dap.js", "Dap")).methods.size).to.equal(5);
  });

  it("compile under erasableSyntaxOnly", async () => {
    expect(await bench.compile({ lib: ["ES2023", "DOM"], erasableSyntaxOnly: true, outDir: "erasable" })).to.equal("");
  });

  it("agree with the description that comes with them: names, optionality, enum values", async () => {
    let commands = 0;
    for (const name of ["browser_protocol", "js_protocol"]) {
      const text = await readFile(require.resolve(`devtools-protocol/json/${name}.json`), "utf8");
      for (const { domain, commands: declared = [], events = [] } of (JSON.parse(text) as Protocol).domains) {
        const methods = cdp.groups.get(domain)?.methods;
        if (methods === undefined) throw new Error(`no group ${domain}`);
        const names = [...declared.map((command) => command.name), ...(events.length > 0 ? ["on"] : [])];
        expect([...methods.keys()].sort(), domain).to.deep.equal(names.sort());
        for (const command of declared) {
          const method = methods.get(command.name) as MethodDescriptor;
          const [argument] = method.args.shape.kind === "tuple" ? method.args.shape.elements : [];
          expectProperties(argument, command.parameters, `${domain}.${command.name}`);
          expectProperties(method.output.shape, command.returns, `${domain}.${command.name} result`);
          commands++;
        }
        const [event] = methods.get("on")?.args.shape.kind === "tuple" ? tupleOf(methods.get("on")?.args.shape) : [];
        expect(event?.kind === "literal" ? event.values.map(String).sort() : [], domain).to.deep.equal(
          events.map((one) => one.name).sort(),
        );
      }
    }
    expect(commands).to.be.greaterThan(600);
  });
});

function tupleOf(shape: Shape | undefined): readonly Shape[] {
  return shape?.kind === "tuple" ? shape.elements : [];
}

function expectProperties(shape: Shape | undefined, properties: readonly Property[] = [], where: string): void {
  const object = shape?.kind === "ref" ? shape.resolve() : shape;
  if (properties.length === 0) return expect(object === undefined || object.kind === "undefined", where).to.equal(true) as never;
  if (object?.kind !== "object") throw new Error(`${where} is no object`);
  const names = (optional: boolean): string[] =>
    properties.filter((one) => (one.optional === true) === optional).map(({ name }) => name);
  expect(Object.keys(object.required).sort(), where).to.deep.equal(names(false).sort());
  expect(Object.keys(object.optional).sort(), where).to.deep.equal(names(true).sort());
  for (const { name, enum: values } of properties) {
    if (values === undefined) continue;
    const inner = object.required[name] ?? object.optional[name];
    expect(inner?.kind === "literal" ? inner.values.map(String).sort() : inner?.kind, `${where}.${name}`).to.deep.equal(
      [...values].sort(),
    );
  }
}
