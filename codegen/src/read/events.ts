import { ts } from "ts-morph";
import { armsOf, has } from "./anatomy.js";
import type { Reading } from "./reading.js";

/** `on(event, listener)`, understood. */
export interface EventSubscription {
  /** What the parameter for the event is called. */
  readonly parameter: string;
  readonly events: readonly {
    readonly name: string;
    /** What the listener is called with. */
    readonly payload: readonly { readonly name: string; readonly type: ts.Type; readonly optional: boolean }[];
  }[];
}

/**
 * Reads signatures that each take the literal name of an event and a listener: overloads, a union of names, or one
 * generic signature over the keys of a map of events. `undefined` when one of them is anything else.
 */
export function readSubscription(reading: Reading, signatures: readonly ts.Signature[]): EventSubscription | undefined {
  const events = new Map<string, EventSubscription["events"][number]>();
  for (const signature of signatures) {
    const [event, listener, ...more] = signature.parameters;
    if (event === undefined || listener === undefined || more.length > 0) return undefined;
    const eventType = typeOf(reading, event);
    const listenerType = typeOf(reading, listener);
    const generic = has(eventType, ts.TypeFlags.TypeParameter);
    const names = namesOf(generic ? reading.checker.getBaseConstraintOfType(eventType) : eventType);
    if (names === undefined || (generic && signature.typeParameters?.length !== 1)) return undefined;
    if (!generic && (signature.typeParameters?.length ?? 0) > 0) return undefined;
    for (const name of names) {
      const payload = generic ? payloadAt(reading, listenerType, eventType, name) : payloadOf(reading, listenerType);
      if (payload === undefined) return undefined;
      if (!events.has(name)) events.set(name, { name, payload });
    }
  }
  const parameter = signatures[0]?.parameters[0]?.name ?? "event";
  return events.size === 0 ? undefined : { parameter, events: [...events.values()] };
}

function typeOf({ checker }: Reading, symbol: ts.Symbol): ts.Type {
  return symbol.valueDeclaration === undefined
    ? checker.getTypeOfSymbol(symbol)
    : checker.getTypeOfSymbolAtLocation(symbol, symbol.valueDeclaration);
}

function namesOf(type: ts.Type | undefined): readonly string[] | undefined {
  if (type === undefined) return undefined;
  const names = armsOf(type).map((arm) => (arm.isStringLiteral() ? arm.value : undefined));
  // The compiler's order of arms depends on what else it has read.
  return names.every((name) => name !== undefined) ? names.sort() : undefined;
}

type Payload = EventSubscription["events"][number]["payload"];

/** A listener returns nothing that anybody waits for. */
function payloadOf(reading: Reading, listener: ts.Type): Payload | undefined {
  const [signature, ...others] = listener.getCallSignatures();
  if (signature === undefined || others.length > 0 || (signature.typeParameters?.length ?? 0) > 0) return undefined;
  const { Void, Undefined, Any, Unknown } = ts.TypeFlags;
  const isListener = armsOf(signature.getReturnType()).every((arm) => {
    const awaited = reading.checker.getAwaitedType(arm) ?? arm;
    return has(awaited, Void | Undefined | Any | Unknown);
  });
  if (!isListener) return undefined;
  const payload = signature.parameters.map((symbol) => {
    const declared = symbol.valueDeclaration;
    const parameter = declared !== undefined && ts.isParameter(declared) ? declared : undefined;
    if (parameter?.dotDotDotToken !== undefined) return undefined;
    return { name: symbol.name, type: typeOf(reading, symbol), optional: parameter?.questionToken !== undefined };
  });
  return payload.every((one) => one !== undefined) ? payload : undefined;
}

/** `Events[K]` as the listener itself, as its one argument, or as the list of its arguments. */
function payloadAt(reading: Reading, listener: ts.Type, event: ts.Type, name: string): Payload | undefined {
  const { checker } = reading;
  const lookUp = (type: ts.Type): ts.Type | undefined => {
    if (!has(type, ts.TypeFlags.IndexedAccess)) return undefined;
    const { objectType, indexType } = type as ts.IndexedAccessType;
    const property = indexType === event ? checker.getPropertyOfType(objectType, name) : undefined;
    return property === undefined ? undefined : typeOf(reading, property);
  };
  const whole = lookUp(listener);
  if (whole !== undefined) return payloadOf(reading, whole);
  const [signature, ...others] = listener.getCallSignatures();
  const [parameter, ...more] = signature?.parameters ?? [];
  if (signature === undefined || parameter === undefined || others.length + more.length > 0) return undefined;
  const type = lookUp(typeOf(reading, parameter));
  if (type === undefined) return undefined;
  const declared = parameter.valueDeclaration;
  const isRest = declared !== undefined && ts.isParameter(declared) && declared.dotDotDotToken !== undefined;
  if (!isRest) return [{ name: parameter.name, type, optional: false }];
  if (!checker.isTupleType(type)) return undefined;
  const { labeledElementDeclarations } = (type as ts.TupleTypeReference).target;
  return checker.getTypeArguments(type as ts.TypeReference).map((element, index) => {
    const label = labeledElementDeclarations?.[index]?.name;
    return { name: label !== undefined && ts.isIdentifier(label) ? label.text : `arg${index}`, type: element, optional: false };
  });
}
