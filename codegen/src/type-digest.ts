import { bare, children, type TypeModel } from "./model.js";
import { findRecursion } from "./recursion.js";

/**
 * How deep a recursive type is unfolded. The wire carries 64 levels; a union in between counts as one of ours. Two
 * types that agree so far down accept the same values.
 */
const unfolding = 128;

type Structure = ReturnType<typeof bare>;

/** 64 bits, as two numbers that the engine keeps in registers. */
interface Digest {
  readonly high: number;
  readonly low: number;
}

/** One level of a type: what it is, and its parts with what they are to it. */
interface Level {
  readonly kind: Digest;
  readonly parts: readonly { readonly role: Digest; readonly type: Structure | undefined }[];
  /** A union: neither the order of its parts nor how often one comes counts. */
  readonly isSet: boolean;
}

/**
 * A digest per type, in rounds: each round a type's digest is made of its parts' digests of the round before, so that
 * after n rounds it stands for n levels of the type. Types that contain each other in every direction cost no more
 * than others, and the result does not depend on where the reading begins.
 */
export function digestTypes(roots: readonly TypeModel[]): (type: TypeModel) => string {
  const recursion = findRecursion(roots);
  const levels = new Map([...structures(roots)].map((type) => [type, levelOf(type)]));
  let digests = new Map<Structure, Digest>();
  const settled = new Map<Structure, Digest>();
  const of = (type: Structure): Digest => {
    if (recursion.reachesRecursion(type)) return digests.get(type) ?? nothing;
    return settled.get(type) ?? nothing;
  };
  // The parts before the whole. Without recursion: types may be nested deeper than the engine's stack.
  const pending = [...levels.keys()].filter((type) => !recursion.reachesRecursion(type));
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    if (settled.has(type)) continue;
    const level = levels.get(type) ?? levelOf(type);
    const open = level.parts.flatMap((part) => (part.type === undefined || settled.has(part.type) ? [] : [part.type]));
    if (open.length > 0) pending.push(type, ...open);
    else settled.set(type, combine(level, of));
  }
  const endless = [...levels].filter(([type]) => recursion.reachesRecursion(type));
  for (let round = 0; round < unfolding && endless.length > 0; round++)
    digests = new Map(endless.map(([type, level]) => [type, combine(level, of)]));
  return (type) => show(of(bare(type)));
}

/** Every type that can be reached, without names. */
function structures(roots: readonly TypeModel[]): ReadonlySet<Structure> {
  const seen = new Set<Structure>();
  const pending = roots.map(bare);
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    if (seen.has(type)) continue;
    seen.add(type);
    pending.push(...children(type).map(bare));
  }
  return seen;
}

function levelOf(type: Structure): Level {
  const ordered = (kind: string, parts: readonly (readonly [role: string, type: TypeModel])[]): Level => ({
    kind: hash(kind),
    parts: parts.map(([role, part]) => ({ role: hash(role), type: bare(part) })),
    isSet: false,
  });
  switch (type.kind) {
    case "array":
      return ordered("array", [["", type.element]]);
    case "record":
      return ordered("record", [["", type.value]]);
    case "map":
      return ordered("map", [
        ["key", type.key],
        ["value", type.value],
      ]);
    case "set":
      return ordered("set", [["", type.member]]);
    case "typedArray":
      return ordered(type.name, []);
    // Texts of templates change no byte of what passes them.
    case "template":
      return ordered("string", []);
    case "tuple": {
      const elements = type.elements.map((element) => [element.optional ? "?" : "", element.type] as const);
      return ordered("tuple", type.rest === undefined ? elements : [...elements, ["...", type.rest]]);
    }
    case "object": {
      const properties = type.properties.map(
        ({ name, optional, type: inner }) => [`${optional ? "?" : ":"}${name}`, inner] as const,
      );
      // By name alone: the order of the source does not count, and neither does which of them are optional.
      properties.sort(([a], [b]) => (a.slice(1) < b.slice(1) ? -1 : 1));
      return ordered("object", type.rest === undefined ? properties : [...properties, ["*", type.rest]]);
    }
    case "literal":
    case "union":
    case "variant":
      return { kind: hash("union"), parts: armsOf(type), isSet: true };
    default:
      return ordered(type.kind, []);
  }
}

/** A union of unions is one union, and each literal is an arm of its own. */
function armsOf(named: TypeModel): Level["parts"] {
  const type = bare(named);
  switch (type.kind) {
    case "literal":
      return type.values.map((value) => ({ role: hash(`${typeof value} ${String(value)}`), type: undefined }));
    case "union":
      return type.arms.flatMap(armsOf);
    case "variant":
      return type.arms.flatMap((arm) => armsOf(arm.type));
    default:
      return [{ role: nothing, type }];
  }
}

function combine({ kind, parts, isSet }: Level, of: (part: Structure) => Digest): Digest {
  let digests = parts.map(({ role, type }) => (type === undefined ? role : mix(role, of(type))));
  if (isSet) {
    digests = [...new Map(digests.map((one) => [show(one), one])).values()].sort((a, b) => a.high - b.high || a.low - b.low);
    // A union of one arm is that arm.
    const [only] = digests;
    if (only !== undefined && digests.length === 1) return only;
  }
  return digests.reduce(mix, kind);
}

const nothing: Digest = { high: 0, low: 0 };

function hash(text: string): Digest {
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit, 0xc2b2ae35) + i;
  }
  return mix({ high, low }, { high: text.length, low: text.length });
}

/** Puts one digest behind another. Collisions are a matter of chance; nobody gains by making one. */
function mix(a: Digest, b: Digest): Digest {
  const high = scramble(Math.imul(a.high, 31) + (b.high ^ (a.low >>> 7)));
  const low = scramble(Math.imul(a.low, 0x01000193) + (b.low ^ high));
  return { high, low };
}

function scramble(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function show({ high, low }: Digest): string {
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}
