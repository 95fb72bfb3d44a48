import { ts } from "ts-morph";
import type { TypedModel, TypeText } from "../model.js";
import { elementNode, has, isUnresolved, typeArguments } from "./anatomy.js";
import type { Site } from "./findings.js";
import { isLibrary, isStreamName } from "./library.js";
import type { Reading } from "./reading.js";
import { textOf } from "./reading.js";
import type { TypeTextReader } from "./type-text.js";

/** What a method returns. */
export interface ResultType {
  /** The result, or one item of the stream. */
  readonly type: ts.Type;
  readonly site: Site;
  readonly streams: boolean;
}

/**
 * A stream, or whatever `await` makes of the declared result: a plain `T` is answered like `Promise<T>`, because a call
 * over the network always answers later. `undefined` when it was refused.
 */
export function readResult(reading: Reading, signature: ts.Signature, site: Site): ResultType | undefined {
  const { program, findings, bindings } = reading;
  const node = signature.declaration?.type ?? site.node;
  const foreign = program.isSourceFileDefaultLibrary(node.getSourceFile());
  const here: Site = { node: foreign ? site.node : node, path: `${site.path ?? ""} > result` };
  const type = bindings.resolve(signature.getReturnType());
  const item = streamItem(reading, type, here);
  if (item !== undefined) {
    return { type: bindings.resolve(item), site: { node: elementNode(here.node), path: `${here.path ?? ""}[]` }, streams: true };
  }
  if (isUnresolved(type)) {
    reading.read(type, here);
    return undefined;
  }
  const isWrapped = isPromise(reading, type);
  let value = isWrapped ? inside(reading, type) : awaited(reading, type);
  while (value !== undefined && isPromise(reading, value)) value = inside(reading, value);
  if (value !== undefined)
    return { type: value, site: isWrapped ? { ...here, node: elementNode(here.node) } : here, streams: false };
  findings.error(
    "FC1106",
    here,
    `nothing can be awaited from ${textOf(reading, type)}`,
    "return Promise<T>, or AsyncIterable<T> for a stream",
  );
  return undefined;
}

function awaited({ checker }: Reading, type: ts.Type): ts.Type | undefined {
  return has(type, ts.TypeFlags.Any | ts.TypeFlags.Unknown) ? type : checker.getAwaitedType(type);
}

/** What a Promise is of. */
function inside({ checker, bindings }: Reading, type: ts.Type): ts.Type | undefined {
  const [value] = typeArguments(checker, type);
  return value && bindings.resolve(value);
}

function isPromise({ program }: Reading, type: ts.Type): boolean {
  const symbol = type.symbol as ts.Symbol | undefined;
  return isLibrary(program, symbol) && symbol.name === "Promise";
}

/** The item type of a stream; `undefined` for anything else. */
export function streamItem({ checker, program, findings }: Reading, type: ts.Type, site: Site): ts.Type | undefined {
  const symbol = type.symbol as ts.Symbol | undefined;
  if (symbol === undefined || !isLibrary(program, symbol) || !isStreamName(symbol.name)) return undefined;
  const [item, returned, next] = typeArguments(checker, type);
  const { Any, Void, Undefined, Unknown } = ts.TypeFlags;
  if (returned !== undefined && !has(returned, Any | Void | Undefined)) {
    findings.error(
      "FC1109",
      site,
      "a stream has no return value on the wire",
      "return AsyncIterable<T> and send the last value as an item",
    );
  } else if (next !== undefined && !has(next, Any | Void | Undefined | Unknown)) {
    findings.error("FC1109", site, "nothing can be passed to next() over the wire", "take an AsyncIterable parameter instead");
  }
  return item;
}

/** A type as it is checked and as it is written; `path` is how to get at it through the contract. */
export function typed(
  reading: Reading,
  texts: TypeTextReader,
  type: ts.Type,
  annotation: ts.TypeNode | undefined,
  site: Site,
  path: TypeText | undefined,
): TypedModel {
  const hasNothing = (type.isUnion() ? type.types : [type]).some((arm) => has(arm, ts.TypeFlags.Undefined | ts.TypeFlags.Void));
  const model = hasNothing ? reading.read(type, site) : reading.readDefined(type, annotation, site);
  return { type: model, text: texts.along(path, site, () => texts.readWritten(type, annotation, site)) };
}
