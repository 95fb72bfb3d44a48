import { basename } from "node:path";
import { ts } from "ts-morph";
import type { NamedModel, TypeModel, TypeReference } from "../model.js";
import { armsOf, declaredAs, definedArms, definitionNode, has } from "./anatomy.js";
import { Bindings } from "./bindings.js";
import { CollectionReader } from "./collections.js";
import { Constraints } from "./constraints.js";
import type { Findings, Site } from "./findings.js";
import { refuseFunction } from "./functions.js";
import { type Growth, grown, isEndless, Sizes } from "./growth.js";
import { isNever, readIntersection } from "./intersection.js";
import { isLibrary, isMapName, isSetName, isStreamName, isTypedArrayName, libraryHint } from "./library.js";
import { ObjectReader, type UnknownKeys } from "./objects.js";
import type { Program } from "./program.js";
import { type Reading, refused, textOf } from "./reading.js";
import type { References } from "./references.js";
import { readScalar } from "./scalars.js";
import { TypeNaming } from "./type-naming.js";
import { UnionReader } from "./union.js";

const { TypeFlags, SymbolFlags } = ts;

/** Far more than anybody has, and still read in seconds. */
const maxNamed = 50_000;
/** So many types without names inside one another are no work of people. */
const maxNesting = 100;
/** Published schemas hold thousands of types, each of which leads to another; an engine's stack has no room for so many. */
const maxNamesOpen = 30;

/** An object of fewer properties takes no more room than its name. */
const worthSharing = 5;

/** Turns the compiler's types into models. A whitelist: what is not recognised is refused by code. */
export class TypeReader implements Reading {
  readonly checker: ts.TypeChecker;
  readonly program: ts.Program;
  readonly findings: Findings;
  readonly constraints: Constraints;
  readonly bindings: Bindings;
  readonly #unions: UnionReader;
  readonly #collections: CollectionReader;
  readonly #objects: ObjectReader;
  readonly #naming: TypeNaming;
  readonly #references: References;
  readonly #named = new Map<ts.Type, NamedModel>();
  /** The instantiations of each generic type that are being read inside one another. */
  #open = new Map<ts.Symbol, Growth>();
  readonly #sizes: Sizes;
  /** Types without names that are being read inside one another, and those that were met again there. */
  readonly #unnamed = new Set<ts.Type>();
  /** How many of these since the last name. */
  #nesting = 0;
  /** How many types with names are being read inside one another, and those that are to be read when they are done. */
  #namesOpen = 0;
  #postponed: (() => void)[] = [];
  readonly #recursive = new Map<ts.Type, NamedModel>();
  /** Large types without names that have been met once; from the second time on they are worth a name of ours. */
  readonly #usedOnce = new Set<NamedModel>();
  /** Types of options that were read without their signal, and the one that is being read. */
  readonly #withoutSignal = new Set<ts.Type>();
  readonly #judgements: (() => void)[] = [];
  #apart: ts.Type | undefined;

  constructor(loaded: Program, references: References, findings: Findings, unknownKeys: UnknownKeys) {
    this.checker = loaded.checker;
    this.program = loaded.program;
    this.findings = findings;
    this.bindings = new Bindings(loaded.checker);
    this.#naming = new TypeNaming(loaded);
    this.#sizes = new Sizes(loaded.checker);
    this.#references = references;
    this.#unions = new UnionReader(this);
    this.#collections = new CollectionReader(this);
    this.constraints = new Constraints(findings, this.#unions);
    this.#objects = new ObjectReader(this, this.constraints, unknownKeys);
  }

  /** To be called once after everything has been read: what can only be judged on finished models. */
  finish(): void {
    for (const model of this.#usedOnce) dissolve(model);
    this.#unions.finish();
    this.#collections.finish();
    for (const judge of this.#judgements) judge();
  }

  /** Has `judge` run when all models are finished. */
  afterwards(judge: () => void): void {
    this.#judgements.push(this.findings.later(judge));
  }

  read(given: ts.Type, site: Site): TypeModel {
    const type = this.bindings.resolve(given);
    const memory = this.bindings.memoryOf(type, this.#named);
    const known = memory.get(type);
    if (known !== undefined && this.#withoutSignal.has(type) && this.#apart !== type) {
      const hint = "an AbortSignal travels with a call, and not inside its data: use another type here";
      return this.refuse("FC1204", site, `${textOf(this, type)} holds an AbortSignal, which cannot travel`, hint);
    }
    if (known !== undefined) {
      this.#usedOnce.delete(known);
      return known;
    }
    const symbol = this.#naming.symbolOf(type);
    if (symbol === undefined) return this.#anonymous(type, site, memory);
    const before = this.#open.get(symbol) ?? [];
    const instantiations = grown(before, this.#sizes.of(type));
    if (isEndless(instantiations) || this.#named.size >= maxNamed)
      return this.refuse("FC1217", site, "this type contains ever larger types of its own kind", "end the nesting");
    const file = symbol.declarations?.[0]?.getSourceFile().fileName ?? "";
    const name = this.#naming.nameOf(type, symbol);
    const model: NamedModel = {
      kind: "named",
      name,
      origin: basename(file).replace(/(\.d)?\.[cm]?tsx?$/, ""),
      reference: name === symbol.name && this.#apart !== type ? this.#referenceTo(symbol) : undefined,
      definition: refused,
    };
    memory.set(type, model);
    const node = definitionNode(symbol);
    // An alias of something that is refused as a whole is refused where it is used.
    const inside =
      node !== undefined && (ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node) || ts.isUnionTypeNode(node));
    const define = (): void => {
      const nesting = this.#nesting;
      this.#nesting = 0;
      this.#namesOpen++;
      this.#open.set(symbol, instantiations);
      const { result, errors } = this.findings.collect(() => this.#structure(type, inside ? { node, path: site.path } : site));
      model.definition = result;
      this.findings.mark(model, errors);
      this.#open.set(symbol, before);
      this.#namesOpen--;
      this.#nesting = nesting;
    };
    // What is no object, people may put constraints on, and these have to know what it is.
    if (this.#namesOpen >= maxNamesOpen && isObjectType(type)) this.#postpone(define);
    else define();
    if (this.#namesOpen === 0) this.#catchUp();
    return model;
  }

  /** Has `define` run later, as if it were run now. */
  #postpone(define: () => void): void {
    const [open, apart] = [new Map(this.#open), this.#apart];
    this.#postponed.push(() => {
      [this.#open, this.#apart] = [open, apart];
      define();
    });
  }

  #catchUp(): void {
    const [open, apart] = [this.#open, this.#apart];
    // What is postponed on the way comes behind the others.
    this.#namesOpen++;
    for (const define of this.#postponed) define();
    this.#postponed = [];
    this.#namesOpen--;
    [this.#open, this.#apart] = [open, apart];
  }

  #referenceTo(symbol: ts.Symbol): TypeReference | undefined {
    const reference = this.#references.find(symbol);
    return reference !== undefined && "file" in reference.from ? reference : undefined;
  }

  /** A type without a name; one that contains itself gets a name of ours, because a model is cyclic through names only. */
  #anonymous(type: ts.Type, site: Site, memory: Map<ts.Type, NamedModel>): TypeModel {
    if (!has(type, TypeFlags.Object | TypeFlags.Union | TypeFlags.Intersection)) return this.#structure(type, site);
    if (this.#unnamed.has(type)) {
      const name = `Recursive${this.#recursive.size === 0 ? "" : this.#recursive.size + 1}`;
      const model = this.#recursive.get(type) ?? { kind: "named", name, origin: "", definition: refused };
      this.#recursive.set(type, model);
      return model;
    }
    if (this.#nesting >= maxNesting)
      return this.refuse("FC1217", site, "this type contains ever larger types", "end the nesting, or give its parts names");
    this.#unnamed.add(type);
    this.#nesting++;
    const { result: structure, errors } = this.findings.collect(() => this.#structure(type, site));
    this.#unnamed.delete(type);
    this.#nesting--;
    const model = this.#recursive.get(type) ?? this.#shared(type, structure, site);
    if (model === undefined) return structure;
    model.definition = structure;
    this.findings.mark(model, errors);
    memory.set(type, model);
    return model;
  }

  /** Generated interfaces name nothing and repeat everything: written out at each use, they would take megabytes. */
  #shared(type: ts.Type, structure: TypeModel, site: Site): NamedModel | undefined {
    if (structure.kind !== "object" || structure.properties.length < worthSharing || this.#withoutSignal.has(type))
      return undefined;
    const model: NamedModel = { kind: "named", name: this.#naming.madeUp(type, site.path), origin: "", definition: structure };
    this.#usedOnce.add(model);
    return model;
  }

  /** Runs `read`, for which `owner` is an options object whose signal is the caller's and no data. */
  withoutSignal<T>(owner: ts.Type | undefined, read: () => T): T {
    if (owner === undefined) return read();
    this.#withoutSignal.add(owner);
    this.#apart = owner;
    const result = read();
    this.#apart = undefined;
    return result;
  }

  /** One type out of several that have been read. */
  union(arms: readonly TypeModel[], site: Site): TypeModel {
    return this.#unions.of(arms, site);
  }

  /** An object of these properties of a type, whatever else it is. */
  fields(properties: readonly ts.Symbol[], owner: ts.Type, site: Site): TypeModel {
    return this.#objects.of(properties, owner, site);
  }

  isApart(owner: ts.Type): boolean {
    return this.#apart === owner;
  }

  readDefined(given: ts.Type, annotation: ts.TypeNode | undefined, site: Site): TypeModel {
    const type = this.bindings.resolve(given);
    const arms = definedArms(type);
    if (arms.length === armsOf(type).length) return this.read(declaredAs(this.checker, annotation, arms) ?? type, site);
    const written = declaredAs(this.checker, annotation, arms);
    if (written !== undefined) return this.read(written, site);
    const [only] = arms;
    if (only !== undefined && arms.length === 1) return this.read(only, site);
    return this.#unions.read(arms, site);
  }

  refuse(code: Parameters<Findings["error"]>[0], site: Site, message: string, hint?: string): TypeModel {
    this.findings.error(code, site, message, hint);
    return refused;
  }

  #structure(type: ts.Type, site: Site): TypeModel {
    if (this.bindings.isComputed(type)) return this.#refuseOpen(type, site);
    if (isNever(this.checker, type)) return this.read(this.checker.getNeverType(), site);
    const scalar = readScalar(this, type, site);
    if (scalar !== undefined) return scalar;
    if (type.isUnion()) return this.#unions.read(type.types, site);
    if (type.isIntersection()) return readIntersection(this, type, site) ?? this.#objects.read(type, site);
    if (has(type, TypeFlags.Object)) return this.#object(type as ts.ObjectType, site);
    return this.#refuseOpen(type, site);
  }

  #refuseOpen(type: ts.Type, site: Site): TypeModel {
    return this.refuse("FC1210", site, `${textOf(this, type)} is not known until it is used`, "write the type out for each case");
  }

  #object(type: ts.ObjectType, site: Site): TypeModel {
    if (this.checker.isTupleType(type)) return this.#collections.tuple(type as ts.TupleTypeReference, site);
    if (this.checker.isArrayType(type)) return this.#collections.array(type, site);
    const symbol = type.symbol as ts.Symbol | undefined;
    if (isLibrary(this.program, symbol) && (symbol.flags & (SymbolFlags.Interface | SymbolFlags.Class)) !== 0)
      return this.#builtIn(type, symbol.name, site);
    if (symbol !== undefined && (symbol.flags & SymbolFlags.Class) !== 0) {
      return this.refuse(
        "FC1202",
        site,
        `${symbol.name} is a class: its methods and identity do not travel`,
        "describe its data by an interface",
      );
    }
    if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) {
      return refuseFunction(this, type, site);
    }
    return this.#objects.read(type, site);
  }

  #builtIn(type: ts.ObjectType, name: string, site: Site): TypeModel {
    if (name === "Date") return { kind: "date" };
    if (name === "Uint8Array") return { kind: "bytes" };
    if (name === "URL") return { kind: "url" };
    if (isTypedArrayName(name)) return { kind: "typedArray", name };
    if (isMapName(name) || isSetName(name)) return this.#collections.keyed(type, name, site);
    if (name === "Promise" || name === "PromiseLike" || isStreamName(name)) {
      return this.refuse(
        "FC1208",
        site,
        `${name} cannot be part of data`,
        "return it from the method itself, or take it as a parameter of its own",
      );
    }
    return this.refuse("FC1204", site, `${name} cannot travel`, libraryHint(name));
  }
}

/** Whether a type is an interface or an object literal with a name. */
function isObjectType(type: ts.Type): boolean {
  const { symbol } = type as { symbol?: ts.Symbol };
  const kinds = SymbolFlags.Interface | SymbolFlags.TypeLiteral;
  return has(type, TypeFlags.Object) && symbol !== undefined && (symbol.flags & kinds) !== 0;
}

/** Takes its name from a type, for all who hold it. */
function dissolve(model: NamedModel): void {
  const { definition } = model;
  const open = model as Partial<NamedModel>;
  delete open.definition;
  Object.assign(open, { name: undefined, origin: undefined }, definition);
}
