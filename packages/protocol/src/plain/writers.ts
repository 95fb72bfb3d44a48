import { isURL, own } from "../schema/objects.js";
import type { LiteralValue, ObjectShape, Shape, TupleShape, VariantShape } from "../schema/shape.js";
import { fits } from "../schema/walk.js";
import { writeAny } from "./any.js";
import { armsInProgram, classOf, type ValueClass } from "./arms.js";
import { mergeShapes } from "./merge.js";
import { Output } from "./output.js";
import { leastElements, travelling } from "./properties.js";
import { bytesOf, isTypedArray } from "./typed-arrays.js";
import { UnsendableError } from "./unsendable.js";

/** Writes a value that has been checked. What does not travel is left out, so nothing undeclared ever leaves. */
export type Write = (out: Output, value: unknown) => void;

const writers = new WeakMap<Shape, Write>();

/** The writer of a shape; made once. */
export function writerOf(shape: Shape): Write {
  let write = writers.get(shape);
  if (write === undefined) {
    write = compile(shape);
    writers.set(shape, write);
  }
  return write;
}

/** Getters and proxies may show one thing to the check and another to us. */
function changed(): UnsendableError {
  return new UnsendableError("the value changed while it was read");
}

function compile(shape: Shape): Write {
  switch (shape.kind) {
    case "string":
      return writeString;
    case "number":
      return writeNumber;
    case "boolean":
      return writeBoolean;
    case "bigint":
      return writeBigint;
    case "null":
      return (out) => out.null();
    case "undefined":
      return (out, value) => (value === null ? out.null() : out.undefined());
    case "date":
      return (out, value) => {
        if (!(value instanceof Date)) throw changed();
        out.date(value.getTime());
      };
    case "bytes":
      return (out, value) => {
        if (!(value instanceof Uint8Array)) throw changed();
        out.binary(value);
      };
    case "typedArray":
      return (out, value) => {
        if (!isTypedArray(shape.name, value)) throw changed();
        out.binary(bytesOf(shape.name, value));
      };
    case "any":
      return writeAny;
    case "url":
      return (out, value) => {
        if (!isURL(value)) throw changed();
        out.string(value.href);
      };
    case "template":
      return writeString;
    case "where":
      return writerOf(shape.of);
    case "literal":
      return writeLiteral;
    case "array": {
      const element = writerOf(shape.element);
      return (out, value) => {
        if (!Array.isArray(value)) throw changed();
        const { length } = value;
        out.openArray(length);
        for (let i = 0; i < length; i++) element(out, value[i]);
        out.close();
      };
    }
    case "set": {
      const member = writerOf(shape.member);
      return (out, value) => {
        if (!(value instanceof Set)) throw changed();
        const members = [...value];
        out.openArray(members.length);
        for (const one of members) member(out, one);
        out.close();
      };
    }
    case "map": {
      const writeKey = writerOf(shape.key);
      const writeValue = writerOf(shape.value);
      return (out, value) => {
        if (!(value instanceof Map)) throw changed();
        const entries = [...(value as Map<unknown, unknown>)];
        out.openArray(entries.length);
        for (const [key, one] of entries) {
          out.openArray(2);
          writeKey(out, key);
          writeValue(out, one);
          out.close();
        }
        out.close();
      };
    }
    case "tuple":
      return compileTuple(shape);
    case "record":
      return compileRecord(writerOf(shape.value));
    case "object":
      return compileObject(shape);
    case "variant":
      return compileVariant(shape);
    case "union":
      return compileUnion(shape.arms);
    case "ref": {
      let write: Write | undefined;
      return (out, value) => {
        write ??= writerOf(shape.resolve());
        write(out, value);
      };
    }
  }
}

const writeString: Write = (out, value) => {
  if (typeof value !== "string") throw changed();
  out.string(value);
};

const writeNumber: Write = (out, value) => {
  if (typeof value !== "number") throw changed();
  out.number(value);
};

const writeBoolean: Write = (out, value) => {
  if (typeof value !== "boolean") throw changed();
  out.boolean(value);
};

const writeBigint: Write = (out, value) => {
  if (typeof value !== "bigint") throw changed();
  out.bigint(value);
};

const writeBigintAsSuch: Write = (out, value) => {
  if (typeof value !== "bigint") throw changed();
  out.bigintAsSuch(value);
};

const writeLiteral: Write = (out, value) => {
  switch (typeof value) {
    case "string":
      return out.string(value);
    case "number":
      return out.number(value);
    case "boolean":
      return out.boolean(value);
    case "bigint":
      return out.bigint(value);
    default:
      throw changed();
  }
};

function compileTuple(shape: TupleShape): Write {
  const elements = shape.elements.map(writerOf);
  const rest = shape.rest === undefined ? undefined : writerOf(shape.rest);
  const required = leastElements(shape);
  return (out, value) => {
    if (!Array.isArray(value)) throw changed();
    // What follows the declared elements of an argument list is not part of the contract.
    const length = rest === undefined ? Math.min(value.length, elements.length) : value.length;
    if (length < required) throw changed();
    out.openArray(length);
    for (let i = 0; i < length; i++) {
      const element: unknown = value[i];
      if (element === undefined && i >= required && i < elements.length) out.undefined();
      else (elements[i] ?? (rest as Write))(out, element);
    }
    out.close();
  };
}

function compileRecord(write: Write): Write {
  return (out, value) => {
    if (typeof value !== "object" || value === null) throw changed();
    const keys = Object.keys(value);
    out.openMap(keys.length);
    for (const key of keys) {
      out.key(key);
      write(out, (value as Record<string, unknown>)[key]);
    }
    out.close();
  };
}

interface Property {
  readonly name: string;
  /** Encoded once. */
  readonly key: Uint8Array;
  readonly write: Write;
  /** Every object inherits a property of this name, which is not data. */
  readonly isInherited: boolean;
}

const keyOutput = new Output();

export function encodeKey(name: string): Uint8Array {
  keyOutput.begin(0);
  keyOutput.key(name);
  return keyOutput.bytes.slice(0, keyOutput.position);
}

function propertyOf([name, shape]: readonly [name: string, shape: Shape]): Property {
  return { name, key: encodeKey(name), write: writerOf(shape), isInherited: name in Object.prototype };
}

const noKeys: readonly string[] = [];

function compileObject(shape: ObjectShape): Write {
  const travel = travelling(shape);
  const required = travel.required.map(propertyOf);
  const optional = travel.optional.map(propertyOf);
  const declared = required.length + optional.length;
  const names = new Set([...required, ...optional].map((property) => property.name));
  const rest = shape.rest === undefined ? undefined : writerOf(shape.rest);
  return (out, value) => {
    if (typeof value !== "object" || value === null) throw changed();
    const source = value as Record<string, unknown>;
    const others = rest === undefined ? noKeys : Object.keys(source).filter((key) => !names.has(key));
    const most = declared + others.length;
    const at = out.openMapOfAtMost(most);
    for (const { name, key, write, isInherited } of required) {
      out.raw(key);
      write(out, isInherited ? own(source, name) : source[name]);
    }
    let size = required.length;
    for (const { name, key, write, isInherited } of optional) {
      const one = isInherited ? own(source, name) : source[name];
      if (one !== undefined) {
        out.raw(key);
        write(out, one);
      } else if (Object.hasOwn(source, name)) {
        out.raw(key);
        out.undefined();
      } else {
        continue;
      }
      size++;
    }
    for (const key of others) {
      out.key(key);
      (rest as Write)(out, source[key]);
    }
    size += others.length;
    out.closeMap(at, most, size);
  };
}

function compileVariant(shape: VariantShape): Write {
  const { discriminant } = shape;
  const arms = new Map([...shape.arms].map(([tag, arm]) => [tag, writerOf(arm)]));
  return (out, value) => {
    if (typeof value !== "object" || value === null) throw changed();
    const write = arms.get(own(value as Record<string, unknown>, discriminant) as LiteralValue);
    if (write === undefined) throw changed();
    write(out, value);
  };
}

const scalars: ReadonlySet<ValueClass> = new Set(["string", "number", "boolean", "bigint", "undefined", "null", "date"]);

/** Decided when first used: arms may refer to the union itself. */
function compileUnion(arms: readonly Shape[]): Write {
  const byClass = new Map<ValueClass, Write>();
  return (out, value) => {
    const valueClass = classOf(value);
    let write = byClass.get(valueClass);
    if (write === undefined) {
      const candidates = armsInProgram(arms, valueClass);
      const [only] = candidates;
      if (only === undefined) throw changed();
      write =
        candidates.length === 1
          ? isNumberOrBigint(arms, valueClass)
            ? writeBigintAsSuch
            : writerOf(only)
          : scalars.has(valueClass)
            ? writeScalar(valueClass, only)
            : compileChoice(candidates);
      byClass.set(valueClass, write);
    }
    write(out, value);
  };
}

/** Beside numbers a bigint never takes the form of an integer. */
function isNumberOrBigint(arms: readonly Shape[], valueClass: ValueClass): boolean {
  return valueClass === "bigint" && armsInProgram(arms, "number").length > 0;
}

/** `"a" | string` has two arms that write the same bytes; but `null` as nothing and `null` as itself is one nil. */
function writeScalar(valueClass: ValueClass, first: Shape): Write {
  return valueClass === "null" ? (out) => out.null() : writerOf(first);
}

function compileChoice(candidates: readonly Shape[]): Write {
  const merged = new Map<string, Write>();
  return (out, value) => {
    const fitting = candidates.filter((arm) => fits(arm, value));
    const [only] = fitting;
    if (only === undefined) throw changed();
    if (fitting.length === 1) return writerOf(only)(out, value);
    const id = fitting.map((arm) => candidates.indexOf(arm)).join();
    let write = merged.get(id);
    if (write === undefined) {
      write = writerOf(mergeShapes(fitting));
      merged.set(id, write);
    }
    write(out, value);
  };
}
