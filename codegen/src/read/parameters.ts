import { ts } from "ts-morph";
import type { ParameterModel, SignalModel, TypeText } from "../model.js";
import { annotationOf, definedArms, elementNode, has } from "./anatomy.js";
import type { Site } from "./findings.js";
import { isLibrary } from "./library.js";
import { textOf } from "./reading.js";
import { streamItem, typed } from "./results.js";
import { checkTags } from "./tags.js";
import type { TypeReader } from "./type.js";
import type { TypeTextReader } from "./type-text.js";

/** The parameters of one method. */
export interface Parameters {
  /** Those that could be read. */
  readonly list: readonly ParameterModel[];
  readonly stream: number | undefined;
  readonly signal: SignalModel | undefined;
  /** The last one takes any number of values. */
  readonly rest: boolean;
}

/** Reads parameters: values, at most one stream, at most one signal, and a rest parameter. */
export class ParameterReader {
  readonly #types: TypeReader;
  readonly #texts: TypeTextReader;

  constructor(types: TypeReader, texts: TypeTextReader) {
    this.#types = types;
    this.#texts = texts;
  }

  /**
   * `member` is where a parameter without a declaration is reported; `method` is how its type is reached through the
   * contract, if it can be.
   */
  read(symbols: readonly ts.Symbol[], path: string, member: ts.Node, method: TypeText | undefined): Parameters {
    const list: ParameterModel[] = [];
    let stream: number | undefined;
    let signal: SignalModel | undefined;
    let rest = false;
    symbols.forEach((symbol, index) => {
      const { checker } = this.#types;
      const declaration = symbol.valueDeclaration;
      const parameter = declaration !== undefined && ts.isParameter(declaration) ? declaration : undefined;
      const annotation = annotationOf(parameter);
      const name = parameter !== undefined && !ts.isIdentifier(parameter.name) ? `arg${index}` : symbol.name;
      const inside: Site = { node: annotation ?? parameter ?? member, path: `${path} > ${name}` };
      const type = this.#types.bindings.resolve(checker.getTypeOfSymbolAtLocation(symbol, inside.node));
      const isRest = parameter?.dotDotDotToken !== undefined;
      const all: TypeText | undefined = method && ["Parameters<", ...method, ">"];
      const here: TypeText | undefined = !isRest ? all && [...all, `[${index}]`] : index === 0 ? all : undefined;
      const optional = parameter?.questionToken !== undefined || parameter?.initializer !== undefined;
      const [only, ...others] = definedArms(type);
      const one = optional && only !== undefined && others.length === 0 ? only : type;
      if (this.#isSignal(only ?? type) && others.length === 0) {
        if (signal !== undefined) {
          this.#refuseSecond("signal", inside);
          return;
        }
        signal = { param: index, property: undefined };
        list.push({ name, optional, type: { kind: "undefined" }, text: ["AbortSignal"] });
        return;
      }
      const item = streamItem(this.#types, one, inside);
      if (item !== undefined) {
        if (stream !== undefined) {
          this.#refuseSecond("stream", inside);
          return;
        }
        stream = index;
        if (optional) {
          this.#types.refuse(
            "FC1110",
            inside,
            "a stream parameter cannot be optional",
            "drop the ?; an empty stream says the same",
          );
          return;
        }
        const site: Site = { node: elementNode(inside.node), path: `${inside.path ?? ""}[]` };
        list.push({
          name,
          optional: false,
          type: this.#types.read(item, site),
          text: this.#texts.along(here && itemOf(here), site, () => this.#texts.read(item, site)),
        });
        return;
      }
      if (parameter !== undefined && isRest) {
        if (!checker.isArrayType(type) && !checker.isTupleType(type)) {
          const hint = `take an array: ${name}: T[]`;
          this.#types.refuse("FC1105", { node: parameter, path: inside.path }, `${textOf(this.#types, type)} is no list`, hint);
          return;
        }
        rest = true;
      }
      const property = only === undefined || others.length > 0 ? undefined : this.#signalProperty(only);
      if (property !== undefined) {
        if (signal !== undefined) {
          this.#refuseSecond("signal", inside);
          return;
        }
        signal = { param: index, property: property.name };
      }
      const model = this.#types.withoutSignal(property === undefined ? undefined : only, () =>
        this.#value(name, optional, type, annotation, inside, here),
      );
      if (parameter === undefined) list.push(model);
      else {
        checkTags(parameter, "data", inside.path ?? "", this.#types.findings);
        list.push({ ...model, type: this.#types.constraints.apply(parameter, model.type, inside) });
      }
    });
    return { list, stream, signal, rest };
  }

  #refuseSecond(what: "stream" | "signal", site: Site): void {
    const hint = what === "stream" ? "put the items into one stream of a union type" : "take one, or one in the options";
    this.#types.refuse("FC1107", site, `a call carries one ${what} from the caller`, hint);
  }

  #value(
    name: string,
    optional: boolean,
    type: ts.Type,
    annotation: ts.TypeNode | undefined,
    site: Site,
    path: TypeText | undefined,
  ): ParameterModel {
    if (!optional) return { name, optional, ...typed(this.#types, this.#texts, type, annotation, site, path) };
    const model =
      definedArms(type).length === 0 ? { kind: "undefined" as const } : this.#types.readDefined(type, annotation, site);
    const defined: TypeText | undefined = path && ["Exclude<", ...path, ", undefined>"];
    return {
      name,
      optional,
      type: model,
      text: this.#texts.along(defined, site, () => this.#texts.readDefined(type, annotation, site)),
    };
  }

  #isSignal(type: ts.Type): boolean {
    const symbol = type.symbol as ts.Symbol | undefined;
    return isLibrary(this.#types.program, symbol) && symbol.name === "AbortSignal";
  }

  /** The `signal` of an options object. */
  #signalProperty(type: ts.Type): ts.Symbol | undefined {
    const { checker } = this.#types;
    if (!has(type, ts.TypeFlags.Object | ts.TypeFlags.Intersection) || checker.isArrayType(type) || checker.isTupleType(type))
      return undefined;
    return checker.getPropertiesOfType(type).find((property) => {
      const declared = property.valueDeclaration;
      if (declared === undefined) return false;
      const arms = definedArms(checker.getTypeOfSymbolAtLocation(property, declared));
      return arms.length === 1 && arms[0] !== undefined && this.#isSignal(arms[0]);
    });
  }
}

/** The item of a stream that is written so. */
export function itemOf(stream: TypeText): TypeText {
  return ["(", ...stream, " extends AsyncIterable<infer T> ? T : never)"];
}
