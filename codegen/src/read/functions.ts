import { ts } from "ts-morph";
import type { TypeModel } from "../model.js";
import { armsOf, definedArms, has } from "./anatomy.js";
import type { Site } from "./findings.js";
import { isLibrary } from "./library.js";
import type { Reading } from "./reading.js";

/** A function cannot travel; what people write in its place depends on what it is for. */
export function refuseFunction(reading: Reading, type: ts.Type, site: Site): TypeModel {
  return reading.refuse("FC1201", site, "a function cannot travel", hintFor(reading, type));
}

function hintFor(reading: Reading, type: ts.Type): string {
  const [signature] = reading.checker.getNonNullableType(type).getCallSignatures();
  const [first, ...others] = signature?.parameters ?? [];
  const answers = signature !== undefined && !armsOf(signature.getReturnType()).every((arm) => has(arm, nothing));
  if (signature === undefined || answers) return "return data, or an AsyncIterable for what happens later";
  if (first !== undefined && isError(reading, first))
    return `return a Promise of ${others.length > 0 ? "the result" : "void"} in its place`;
  return "return an AsyncIterable of what it would be called with, or declare on(event, listener)";
}

const nothing = ts.TypeFlags.Void | ts.TypeFlags.Undefined | ts.TypeFlags.Any | ts.TypeFlags.Unknown;

/** The first parameter of a callback in the style of Node. */
function isError({ checker, program }: Reading, parameter: ts.Symbol): boolean {
  const type = checker.getTypeOfSymbol(parameter);
  if (/^err(or)?$/i.test(parameter.name)) return true;
  return armsOf(type).some((arm) => isLibrary(program, arm.symbol as ts.Symbol | undefined) && arm.symbol.name === "Error");
}

/** Whether one of the parameters is a function. */
export function takesCallback({ checker }: Reading, signature: ts.Signature): boolean {
  return signature.parameters.some((parameter) => {
    const arms = definedArms(checker.getTypeOfSymbol(parameter));
    return arms.length > 0 && arms.every((arm) => arm.getCallSignatures().length > 0);
  });
}
