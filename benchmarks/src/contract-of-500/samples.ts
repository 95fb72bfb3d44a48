import { contractOf500, type Definition, type Field, type Method, type Service, type Shape } from "./description.js";

/** An argument with which a method can be called, as TypeScript. */
export function sampleRequest(service: Service, { request }: Method): string {
  return sample(service, { type: request });
}

function sample(service: Service, shape: Shape): string {
  switch (shape) {
    case "string":
      return '"tea"';
    case "number":
      return "7";
    case "boolean":
      return "true";
    case "bigint":
      return "7n";
    case "date":
      return "new Date(0)";
  }
  if ("list" in shape) return shape.list === "string" || shape.list === "number" ? `[${sample(service, shape.list)}]` : "[]";
  if ("recordOf" in shape) return `{ a: ${sample(service, shape.recordOf)} }`;
  if ("orNull" in shape) return sample(service, shape.orNull);
  if ("oneOf" in shape) return JSON.stringify(shape.oneOf[0]);
  if ("pageOf" in shape) throw new Error("no request is a page");
  const definition = definitionOf(service, shape.type);
  if ("literals" in definition) return JSON.stringify(definition.literals[0]);
  if ("fields" in definition) return `{ ${fields(service, definition.fields)} }`;
  const [[value, own] = ["", []]] = Object.entries(definition.arms);
  return `{ ${definition.discriminant}: "${value}", ${fields(service, own)} }`;
}

function fields(service: Service, list: readonly Field[]): string {
  return list.map(({ name, shape }) => `${name}: ${sample(service, shape)}`).join(", ");
}

function definitionOf(service: Service, name: string): Definition {
  const found = [...service.types, ...Object.values(contractOf500.shared).flat()].find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no type ${name}`);
  return found;
}
