/**
 * What the generator knows about one input file, as plain data: no compiler object survives here, so that the
 * reader can be replaced without touching what is printed.
 */

import type { Rules } from "@farcall/protocol";

/** One input file, read. */
export interface ContractModel {
  /** Absolute path of the input, with forward slashes. */
  readonly file: string;
  readonly services: readonly ServiceModel[];
}

export interface ServiceModel {
  /** The name the contract exports it by; also the name of the generated value and type. */
  readonly name: string;
  /** How generated code names the interface itself. */
  readonly text: TypeText;
  /** How diagnostics name it: `Api.users`, for what is generated as `ApiUsers`. */
  readonly path: string;
  readonly wireName: string;
  /** The doc comment's text, line by line, without the `@service` tag. */
  readonly doc: readonly string[];
  readonly methods: readonly MethodModel[];
  /** Properties that hold services of their own. */
  readonly groups: readonly GroupModel[];
}

/** `users` of an `Api` is a service `Api.users`, generated as `ApiUsers`. */
export interface GroupModel {
  readonly name: string;
  /** A handler may do without it. */
  readonly optional: boolean;
  readonly service: ServiceModel;
}

/** An error that a method declares with `@throws`. */
export interface ErrorModel {
  readonly name: string;
  /** Its own fields, without what every error has. */
  readonly fields: TypeModel;
  readonly text: TypeText;
}

export type CallKind = "unary" | "server-stream" | "client-stream" | "bidi-stream";

export interface MethodModel {
  readonly name: string;
  readonly kind: CallKind;
  readonly doc: readonly string[];
  readonly parameters: readonly ParameterModel[];
  /** Index of the `AsyncIterable` parameter. */
  readonly stream: number | undefined;
  /** Where the caller's `AbortSignal` stands: a parameter, or a property of one. */
  readonly signal: SignalModel | undefined;
  /** The last parameter is a rest parameter, of which `type` and `text` are those of the list. */
  readonly rest: boolean;
  /** A handler may do without it. */
  readonly optional: boolean;
  readonly errors: readonly ErrorModel[];
  /** The signatures of an overloaded method, in their order, or one for each event; empty for one that has a single one. */
  readonly overloads: readonly OverloadModel[];
  /** The overloads come from one generic signature in which one parameter decides: a caller may leave open what it is. */
  readonly isOpen: boolean;
  /** Index of the `@key` parameter among those that travel as arguments. */
  readonly key: number | undefined;
  /** The result, or one item of the stream that comes back. */
  readonly output: TypedModel;
  readonly repeatability: "idempotent" | "exactly-once" | undefined;
  /** Milliseconds, `Infinity` for none. */
  readonly timeoutMs: number | undefined;
}

export interface SignalModel {
  readonly param: number;
  readonly property: string | undefined;
}

/** One signature of an overloaded method, which answers to all of them. */
export interface OverloadModel {
  readonly doc: readonly string[];
  /** As many as the method has; what this signature lacks is optional, and `undefined`. */
  readonly parameters: readonly ParameterModel[];
  readonly output: TypedModel;
}

/** The parameters that travel as arguments: neither the stream nor the signal. */
export function travelling({
  parameters,
  stream,
  signal,
}: Pick<MethodModel, "parameters" | "stream" | "signal">): readonly ParameterModel[] {
  return parameters.filter((_, index) => index !== stream && (signal?.param !== index || signal.property !== undefined));
}

export interface ParameterModel extends TypedModel {
  readonly name: string;
  readonly optional: boolean;
}

/** A type twice: as it is checked, and as it is written in a signature. A stream is represented by its item. */
export interface TypedModel {
  readonly type: TypeModel;
  readonly text: TypeText;
}

export type LiteralValue = string | number | boolean | bigint;

export type PrimitiveKind = "string" | "number" | "boolean" | "bigint" | "date" | "bytes" | "url" | "null" | "undefined" | "any";

/** The wire's view of a type. May be cyclic, always through a `NamedModel`. */
export type TypeModel =
  | { readonly kind: PrimitiveKind }
  | LiteralModel
  | TemplateModel
  | WhereModel
  | ArrayModel
  | TupleModel
  | MapModel
  | SetModel
  | TypedArrayModel
  | ObjectModel
  | RecordModel
  | UnionModel
  | VariantModel
  | NamedModel;

export interface LiteralModel {
  readonly kind: "literal";
  readonly values: readonly LiteralValue[];
}

/** A template literal type: one text more than there are holes. */
export interface TemplateModel {
  readonly kind: "template";
  readonly texts: readonly string[];
  readonly holes: readonly ("string" | "number" | "bigint")[];
}

/** A string, number, bigint or array with the rules of its doc comment. */
export interface WhereModel {
  readonly kind: "where";
  readonly of: TypeModel;
  readonly rules: Rules;
}

export interface ArrayModel {
  readonly kind: "array";
  readonly element: TypeModel;
}

export interface TupleModel {
  readonly kind: "tuple";
  readonly elements: readonly TupleElementModel[];
  readonly rest: TypeModel | undefined;
}

/** Optional elements come last. */
export interface TupleElementModel {
  readonly type: TypeModel;
  readonly optional: boolean;
  readonly label: string | undefined;
}

export interface ObjectModel {
  readonly kind: "object";
  readonly properties: readonly PropertyModel[];
  /** What properties of other names look like, where an index signature says so. */
  readonly rest?: TypeModel;
  /** Properties of other names are errors. */
  readonly isClosed?: boolean;
}

/** `optional` covers `?` and `| undefined` alike: both may be missing on the wire. */
export interface PropertyModel {
  readonly name: string;
  readonly type: TypeModel;
  readonly optional: boolean;
}

export interface RecordModel {
  readonly kind: "record";
  readonly value: TypeModel;
  /** What keys look like, when not every string will do. */
  readonly key?: TypeModel;
}

/** Keys are primitives: an object would arrive as another object, which no look-up finds. */
export interface MapModel {
  readonly kind: "map";
  readonly key: TypeModel;
  readonly value: TypeModel;
}

/** Members are primitives, like a map's keys. */
export interface SetModel {
  readonly kind: "set";
  readonly member: TypeModel;
}

/** A block of memory other than `Uint8Array`, by the name of its class. */
export interface TypedArrayModel {
  readonly kind: "typedArray";
  readonly name: string;
}

export interface UnionModel {
  readonly kind: "union";
  readonly arms: readonly TypeModel[];
}

/** A union of objects told apart by the literal value of one property. */
export interface VariantModel {
  readonly kind: "variant";
  readonly discriminant: string;
  readonly arms: readonly { readonly values: readonly LiteralValue[]; readonly type: TypeModel }[];
}

/** A type that the contract gives a name; one object per type, shared by all its uses. */
export interface NamedModel {
  readonly kind: "named";
  readonly name: string;
  /** Base name of the declaring file, to tell apart two types of one name. */
  readonly origin: string;
  /** By which generated code can import it: set for what a file of the user's exports and takes no type parameters. */
  readonly reference?: TypeReference | undefined;
  /** Set once the type has been read; a recursive type is met before that. */
  definition: TypeModel;
}

/** TypeScript text with holes where an imported name goes. */
export type TypeText = readonly (string | TypeReference)[];

/** An exported type, and the module that exports it. */
export interface TypeReference {
  readonly from: { readonly file: string } | { readonly package: string };
  /** Possibly qualified: `Order`, `billing.Invoice`, `default`. */
  readonly name: string;
}

/** The structure behind a name, or the type itself. */
export function resolve(type: TypeModel): Exclude<TypeModel, NamedModel> {
  let current = type;
  while (current.kind === "named") current = current.definition;
  return current;
}

/** Like `resolve`, without the rules of doc comments. */
export function bare(type: TypeModel): Exclude<TypeModel, NamedModel | WhereModel> {
  const current = resolve(type);
  return current.kind === "where" ? bare(current.of) : current;
}

/** The types directly inside a type; what is behind a name counts as inside the name. */
export function children(type: TypeModel): readonly TypeModel[] {
  switch (type.kind) {
    case "array":
      return [type.element];
    case "tuple":
      return [...type.elements.map((element) => element.type), ...(type.rest === undefined ? [] : [type.rest])];
    case "object":
      return [...type.properties.map((property) => property.type), ...(type.rest === undefined ? [] : [type.rest])];
    case "record":
      return [type.value];
    case "where":
      return [type.of];
    case "map":
      return [type.key, type.value];
    case "set":
      return [type.member];
    case "union":
      return type.arms;
    case "variant":
      return type.arms.map((arm) => arm.type);
    case "named":
      return [type.definition];
    default:
      return [];
  }
}

/** A service and the groups inside it, the innermost first. */
export function flatten(service: ServiceModel): readonly ServiceModel[] {
  return [...service.groups.flatMap((group) => flatten(group.service)), service];
}
