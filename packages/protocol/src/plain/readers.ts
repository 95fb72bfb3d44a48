import { toURL } from "../schema/objects.js";
import type { LiteralValue, ObjectShape, Shape, TupleShape, VariantShape } from "../schema/shape.js";
import { readAny } from "./any.js";
import { armsOnWire } from "./arms.js";
import { type Input, misfit, type WireClass } from "./input.js";
import { literalReader } from "./literal.js";
import { mergeShapes } from "./merge.js";
import { leastElements, travelling } from "./properties.js";
import { elementBytesOf, typedArrayOf } from "./typed-arrays.js";
import { encodeKey } from "./writers.js";

/** Reads a value of one shape and checks it on the way; throws `misfit` when it is another. What is not declared is skipped. */
export type Read = (input: Input) => unknown;

const readers = new WeakMap<Shape, Read>();

/** The reader of a shape; made once. */
export function readerOf(shape: Shape): Read {
  let read = readers.get(shape);
  if (read === undefined) {
    read = compile(shape);
    readers.set(shape, read);
  }
  return read;
}

/** The reader of an argument list: a newer caller may know more parameters than we do. */
export function argsReaderOf(shape: Shape): Read {
  return shape.kind === "tuple" ? compileTuple(shape, true) : readerOf(shape);
}

function compile(shape: Shape): Read {
  switch (shape.kind) {
    case "string":
      return (input) => input.string();
    case "number":
      return (input) => input.number();
    case "boolean":
      return (input) => input.boolean();
    case "bigint":
      return (input) => input.bigint();
    case "date":
      return (input) => input.date();
    case "null":
      return (input) => input.nil();
    case "undefined":
      return (input) => {
        if (input.peek() !== 0xc0) return input.undefined();
        input.nil();
        return undefined;
      };
    case "bytes":
      return readBytes;
    case "typedArray": {
      const { name } = shape;
      const elementBytes = elementBytesOf(name);
      return (input) => {
        const begin = input.openBinary();
        if ((input.position - begin) % elementBytes !== 0) throw misfit;
        return typedArrayOf(name, input.bytes.subarray(begin, input.position));
      };
    }
    case "any":
      return readAny;
    case "url":
      return readUrl;
    case "template":
      return (input) => input.string();
    case "where":
      // Whether a value keeps to the rules is seen when it has been read.
      return readerOf(shape.of);
    case "literal":
      return literalReader(new Set(shape.values));
    case "array": {
      const element = readerOf(shape.element);
      return (input) => {
        const length = input.openArray();
        const values: unknown[] = [];
        for (let i = 0; i < length; i++) values.push(element(input));
        return values;
      };
    }
    case "set": {
      const member = readerOf(shape.member);
      return (input) => {
        const length = input.openArray();
        const values = new Set<unknown>();
        for (let i = 0; i < length; i++) values.add(member(input));
        if (values.size !== length) throw misfit;
        return values;
      };
    }
    case "map": {
      const readKey = readerOf(shape.key);
      const readValue = readerOf(shape.value);
      return (input) => {
        const length = input.openArray();
        const values = new Map<unknown, unknown>();
        for (let i = 0; i < length; i++) {
          if (input.openArray() !== 2) throw misfit;
          const key = readKey(input);
          values.set(key, readValue(input));
        }
        if (values.size !== length) throw misfit;
        return values;
      };
    }
    case "tuple":
      return compileTuple(shape, false);
    case "record": {
      const value = readerOf(shape.value);
      return (input) => {
        const length = input.openMap();
        const values: Record<string, unknown> = {};
        for (let i = 0; i < length; i++) {
          // `scan` has refused a key that is `__proto__`.
          const key = input.string();
          values[key] = value(input);
        }
        return values;
      };
    }
    case "object":
      return compileObject(shape);
    case "variant":
      return compileVariant(shape);
    case "union":
      return compileUnion(shape.arms);
    case "ref": {
      let read: Read | undefined;
      return (input) => {
        read ??= readerOf(shape.resolve());
        return read(input);
      };
    }
  }
}

function readUrl(input: Input): unknown {
  try {
    return toURL(input.string());
  } catch {
    throw misfit;
  }
}

function readBytes(input: Input): Uint8Array {
  const begin = input.openBinary();
  const { bytes, position } = input;
  // Never a subclass, and never a view into a message that others are read from.
  return input.isOwn
    ? new Uint8Array(bytes.buffer, bytes.byteOffset + begin, position - begin)
    : Uint8Array.prototype.slice.call(new Uint8Array(bytes.buffer, bytes.byteOffset + begin, position - begin));
}

function compileTuple(shape: TupleShape, surplus: boolean): Read {
  const elements = shape.elements.map(readerOf);
  const rest = shape.rest === undefined ? undefined : readerOf(shape.rest);
  const required = leastElements(shape);
  return (input) => {
    const length = input.openArray();
    if (length < required || (length > elements.length && rest === undefined && !surplus)) throw misfit;
    const known = rest === undefined ? Math.min(length, elements.length) : length;
    const values: unknown[] = [];
    for (let i = 0; i < known; i++) {
      const isOptional = i >= required && i < elements.length;
      values.push(isOptional && isUndefined(input) ? input.undefined() : (elements[i] ?? (rest as Read))(input));
    }
    for (let i = known; i < length; i++) input.skip();
    return values;
  };
}

function isUndefined(input: Input): boolean {
  const token = input.peek();
  return token >= 0xc7 && token <= 0xd8 && input.next() === "undefined";
}

interface Property {
  readonly index: number;
  readonly name: string;
  readonly key: Uint8Array;
  readonly read: Read;
  readonly isOptional: boolean;
}

function compileObject(shape: ObjectShape): Read {
  const travel = travelling(shape);
  const requiredNames = travel.required.map(([name]) => name);
  const properties = [...travel.required, ...travel.optional].map(
    ([name, inner], index): Property => ({
      index,
      name,
      key: encodeKey(name),
      read: readerOf(inner),
      isOptional: index >= requiredNames.length,
    }),
  );
  const byName = new Map(properties.map((property) => [property.name, property]));
  const required = requiredNames.length;
  const rest = shape.rest === undefined ? undefined : readerOf(shape.rest);
  const isClosed = shape.isClosed === true;
  return (input) => {
    const size = input.openMap();
    const object: Record<string, unknown> = {};
    let expected = 0;
    let inOrder = 0;
    let isOrdered = true;
    for (let i = 0; i < size; i++) {
      let property = properties[expected];
      if (property !== undefined && startsWith(input, property.key)) {
        if (expected < required) inOrder++;
      } else {
        const name = input.string();
        property = byName.get(name);
        if (property === undefined) {
          if (isClosed) throw misfit;
          if (rest === undefined) input.skip();
          else object[name] = rest(input);
          continue;
        }
        isOrdered = false;
      }
      expected = property.index + 1;
      object[property.name] = property.isOptional && isUndefined(input) ? input.undefined() : property.read(input);
    }
    // Keys in the order that we write them need no second look.
    if (!isOrdered || inOrder !== required) for (const name of requiredNames) if (!Object.hasOwn(object, name)) throw misfit;
    return object;
  };
}

/** Moves behind the key when it is the one that comes next. */
function startsWith(input: Input, key: Uint8Array): boolean {
  const { bytes, position } = input;
  const { length } = key;
  for (let i = 0; i < length; i++) if (bytes[position + i] !== key[i]) return false;
  input.position = position + length;
  return true;
}

function compileVariant(shape: VariantShape): Read {
  const tagKey = encodeKey(shape.discriminant);
  const tags = new Set(shape.arms.keys());
  const readTag = literalReader(tags);
  const arms = new Map([...shape.arms].map(([tag, arm]) => [tag, readerOf(arm)]));
  return (input) => {
    const begin = input.position;
    const size = input.openMap();
    let read: Read | undefined;
    for (let i = 0; i < size; i++) {
      if (startsWith(input, tagKey) || input.string() === shape.discriminant) read = arms.get(readTag(input) as LiteralValue);
      else input.skip();
    }
    if (read === undefined) throw misfit;
    input.position = begin;
    return read(input);
  };
}

/** Decided when first used: arms may refer to the union itself. */
function compileUnion(arms: readonly Shape[]): Read {
  const byClass = new Map<WireClass, Read>();
  return (input) => {
    const wireClass = input.next();
    let read = byClass.get(wireClass);
    if (read === undefined) {
      read = isNumberOrBigint(arms, wireClass) ? (one) => one.numeric() : compileArms(armsOnWire(arms, wireClass));
      byClass.set(wireClass, read);
    }
    return read(input);
  };
}

/** Where both may come, an integer is a number as far as numbers go. */
function isNumberOrBigint(arms: readonly Shape[], wireClass: WireClass): boolean {
  return wireClass === "integer" && armsOnWire(arms, "float").length > 0 && armsOnWire(arms, "bigint").length > 0;
}

function compileArms(candidates: readonly Shape[]): Read {
  const [only] = candidates;
  if (only === undefined) {
    return () => {
      throw misfit;
    };
  }
  if (candidates.length === 1) return readerOf(only);
  // `null` before nothing: nil is null where both are declared.
  const nil = candidates.find((arm) => arm.kind === "null");
  if (nil !== undefined) return readerOf(nil);
  const merged = new Map<string, Read>();
  return (input) => {
    const begin = input.position;
    const fitting: number[] = [];
    let value: unknown;
    let end = begin;
    for (let i = 0; i < candidates.length; i++) {
      input.position = begin;
      try {
        value = readerOf(candidates[i] as Shape)(input);
        end = input.position;
        fitting.push(i);
      } catch (error) {
        if (error !== misfit) throw error;
      }
    }
    if (fitting.length === 0) throw misfit;
    if (fitting.length > 1 && typeof value === "object") {
      const id = fitting.join();
      let read = merged.get(id);
      if (read === undefined) {
        read = readerOf(mergeShapes(fitting.map((index) => candidates[index] as Shape)));
        merged.set(id, read);
      }
      input.position = begin;
      value = read(input);
      end = input.position;
    }
    input.position = end;
    return value;
  };
}
