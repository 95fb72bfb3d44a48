import type { MethodModel, OverloadModel, ParameterModel, TypedModel, TypeModel } from "../model.js";
import { takeDifferentArguments } from "./apart.js";
import type { Site } from "./findings.js";
import type { TypeReader } from "./type.js";

/** What the signatures of a method say; the rest of the model is about its name. */
export type CallModel = Omit<MethodModel, "name" | "optional" | "doc" | "errors">;

/** One signature of several. */
export interface Overload {
  readonly call: CallModel;
  readonly doc: readonly string[];
  readonly site: Site;
}

/**
 * Makes one method of several signatures: each place takes what any of them takes there. `undefined` when they differ in
 * more than that, which has been reported. Whether arguments tell them apart is judged when all types are read.
 */
export function mergeOverloads(types: TypeReader, overloads: readonly Overload[], site: Site): CallModel | undefined {
  const [first] = overloads;
  if (first === undefined) return undefined;
  const count = Math.max(...overloads.map(({ call }) => call.parameters.length));
  const signal = overloads.find(({ call }) => call.signal !== undefined)?.call.signal;
  for (const { call, site: here } of overloads) {
    const what = difference(call, { ...first.call, signal }, count);
    if (what === undefined) continue;
    const hint = "make the overloads alike in this, or give this one a name of its own";
    types.refuse("FC1103", here, `overloads are one method on the wire, and ${what}`, hint);
    return undefined;
  }
  const longest = overloads.find(({ call }) => call.parameters.length === count)?.call.parameters ?? [];
  const models = overloads.map(
    ({ call, doc }): OverloadModel => ({
      doc,
      output: call.output,
      parameters: longest.map((parameter, index) => call.parameters[index] ?? missing(parameter, signal?.param === index)),
    }),
  );
  const output = either(
    types,
    models.map((model) => model.output),
    site,
  );
  types.afterwards(() => {
    if (refuseAlike(types, models, overloads)) types.findings.mark(output.type, ["FC1103"]);
  });
  return {
    ...first.call,
    parameters: longest.map(({ name }, index): ParameterModel => {
      const all = overloads.map(({ call }) => call.parameters[index]).filter((one) => one !== undefined);
      const optional = all.length < overloads.length || all.some((one) => one.optional);
      return { name: all[0]?.name ?? name, optional, ...either(types, all, site) };
    }),
    signal,
    output,
    overloads: models,
  };
}

/** What one signature does otherwise than the method as a whole. */
function difference(call: CallModel, whole: CallModel, count: number): string | undefined {
  if (call.kind !== whole.kind) return "not all of these stream alike";
  if (call.stream !== whole.stream) return "the stream of the caller stands in several places";
  if (call.rest !== whole.rest || (whole.rest && call.parameters.length !== count))
    return "not all of these end alike with a list";
  if (call.key !== whole.key) return "the key stands in several places";
  const { signal } = whole;
  if (signal === undefined || (call.signal === undefined && call.parameters.length <= signal.param)) return undefined;
  const isSame = call.signal?.param === signal.param && call.signal.property === signal.property;
  return isSame ? undefined : "the signal stands in several places";
}

/** What stands in the place of a parameter that a shorter signature lacks; a signal is there all the same. */
function missing({ name }: ParameterModel, isSignal: boolean): ParameterModel {
  return { name, optional: true, type: { kind: "undefined" }, text: [isSignal ? "AbortSignal" : "undefined"] };
}

/** Two signatures that answer differently, and to one call both: whose result would it be? True when there are such. */
function refuseAlike(types: TypeReader, models: readonly OverloadModel[], overloads: readonly Overload[]): boolean {
  const answers = models.map(({ output }) => (isSimple(output.type) ? output.type.kind : JSON.stringify(output.text)));
  const twins = models.map(({ parameters }, index) =>
    models
      .slice(0, index)
      .findIndex((other, at) => answers[at] !== answers[index] && !takeDifferentArguments(parameters, other.parameters)),
  );
  twins.forEach((twin, index) => {
    const site = overloads[index]?.site;
    if (twin < 0 || site === undefined) return;
    types.refuse(
      "FC1103",
      site,
      `some calls fit overload ${twin + 1} as well as this one, and the two answer differently`,
      "let them differ by the number of arguments, or in one place by literals or kinds of values; or name them differently",
    );
  });
  return twins.some((twin) => twin >= 0);
}

/** Any of these types, each once. */
function either(types: TypeReader, all: readonly TypedModel[], site: Site): TypedModel {
  const literals = [...new Set(all.flatMap(({ type }) => (type.kind === "literal" ? type.values : [])))];
  const others = new Map<unknown, TypeModel>();
  for (const { type } of all) if (type.kind !== "literal") others.set(isSimple(type) ? type.kind : type, type);
  const arms: TypeModel[] = [...others.values()];
  if (literals.length > 0) arms.push({ kind: "literal", values: literals });
  const texts = [...new Map(all.map(({ text }) => [JSON.stringify(text), text])).values()];
  return {
    type: types.union(arms, site),
    text: texts.flatMap((text, index) => (index === 0 ? text : [" | ", ...text])),
  };
}

/** Of these, one is like another. */
function isSimple(type: TypeModel): boolean {
  return Object.keys(type).length === 1;
}
