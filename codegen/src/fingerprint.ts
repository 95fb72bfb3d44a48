import { createHash } from "node:crypto";
import {
  children,
  type MethodModel,
  type ParameterModel,
  resolve,
  type ServiceModel,
  type TypeModel,
  travelling,
} from "./model.js";
import { findRecursion } from "./recursion.js";

/**
 * How deep a recursive type is unfolded. The wire carries 64 levels; a union in between counts as one of ours. Two
 * types that agree so far down accept the same values.
 */
const unfolding = 128;

/**
 * Sixteen hex digits over a method's wire shape: call kind, arguments, input, output. Names of types and parameters,
 * comments, order of properties and of union arms, timeouts and repeatability do not count, because two peers that
 * differ only in those exchange the same bytes.
 */
export function fingerprintMethods(methods: readonly MethodModel[]): ReadonlyMap<string, string> {
  const digestOf = digestTypes(methods.flatMap((method) => [...method.parameters, method.output].map(({ type }) => type)));
  return new Map(
    methods.map((method) => {
      const digestParameter = ({ type, optional }: ParameterModel): string => digestOf(type) + mark(optional);
      const args = travelling(method).map(digestParameter);
      const streamed = method.stream === undefined ? undefined : method.parameters[method.stream];
      const input = streamed === undefined ? "" : digestParameter(streamed);
      return [method.name, digest(`${method.kind}(${args.join()})${input}:${digestOf(method.output.type)}`).slice(0, 16)];
    }),
  );
}

/** Over the wire name and the methods' fingerprints, whatever their order. */
export function fingerprintService(service: ServiceModel, methods: ReadonlyMap<string, string>): string {
  const lines = [...methods].map(([name, fingerprint]) => `${name} ${fingerprint}`).sort();
  return digest([service.wireName, ...lines].join("\n")).slice(0, 16);
}

/**
 * A digest per type, in rounds: each round a type's digest is made of its parts' digests of the round before, so that
 * after n rounds it stands for n levels of the type. Types that contain each other in every direction cost no more
 * than others, and the result does not depend on where the reading begins.
 */
function digestTypes(roots: readonly TypeModel[]): (type: TypeModel) => string {
  const recursion = findRecursion(roots);
  let digests = new Map<TypeModel, string>();
  const settled = new Map<TypeModel, string>();
  const of = (named: TypeModel): string => {
    const type = resolve(named);
    if (recursion.reachesRecursion(type)) return digests.get(type) ?? "";
    const known = settled.get(type) ?? write(type, of);
    settled.set(type, known);
    return known;
  };
  const endless = [...structures(roots)].filter((type) => recursion.reachesRecursion(type));
  for (let round = 0; round < unfolding && endless.length > 0; round++) {
    digests = new Map(endless.map((type) => [type, digest(write(type, of))]));
  }
  return of;
}

type Structure = Exclude<TypeModel, { kind: "named" }>;

/** Every type that can be reached, without names. */
function structures(roots: readonly TypeModel[]): ReadonlySet<Structure> {
  const seen = new Set<Structure>();
  const pending = roots.map(resolve);
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    if (seen.has(type)) continue;
    seen.add(type);
    pending.push(...children(type).map(resolve));
  }
  return seen;
}

/** One level of a type as canonical text; `of` gives the digests of its parts. */
function write(type: Structure, of: (part: TypeModel) => string): string {
  switch (type.kind) {
    case "array":
      return short(`[${of(type.element)}]`);
    case "record":
      return short(`{*:${of(type.value)}}`);
    // Rules of comments and texts of templates change no byte of what passes them.
    case "where":
      return of(type.of);
    case "template":
      return "string";
    case "map":
      return short(`map[${of(type.key)},${of(type.value)}]`);
    case "set":
      return short(`set[${of(type.member)}]`);
    case "typedArray":
      return type.name;
    case "tuple": {
      const elements = type.elements.map((element) => of(element.type) + mark(element.optional));
      return short(`(${[...elements, ...(type.rest === undefined ? [] : [`...${of(type.rest)}`])].join()})`);
    }
    case "object": {
      const properties = type.properties.map(
        ({ name, optional, type: inner }) => `${JSON.stringify(name)}${mark(optional)}:${of(inner)}`,
      );
      const rest = type.rest === undefined ? "" : `*:${of(type.rest)}`;
      return short(`{${properties.sort().join()}${rest}}`);
    }
    case "literal":
    case "union":
    case "variant": {
      const arms = [...new Set(armTexts(type, of))].sort();
      return arms.length === 1 ? (arms[0] ?? "") : short(`<${arms.join("|")}>`);
    }
    default:
      return type.kind;
  }
}

/** A union of unions is one union, and each literal is an arm of its own. */
function armTexts(named: TypeModel, of: (part: TypeModel) => string): readonly string[] {
  const type = resolve(named);
  switch (type.kind) {
    case "literal":
      return type.values.map((value) => (typeof value === "bigint" ? `${value}n` : JSON.stringify(value)));
    case "union":
      return type.arms.flatMap((arm) => armTexts(arm, of));
    case "variant":
      return type.arms.flatMap((arm) => armTexts(arm.type, of));
    default:
      return [of(type)];
  }
}

function mark(optional: boolean): string {
  return optional ? "?" : "";
}

function short(text: string): string {
  return text.length > 64 ? `#${digest(text)}` : text;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
