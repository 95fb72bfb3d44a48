import { contractOf500, type Definition, type Field, type Service, type Shape } from "./description.js";

/** The contract as Farcall takes it: interfaces, by the name of the file. Inputs are those that `inputs` names. */
export function asTypeScript(): { readonly files: Readonly<Record<string, string>>; readonly inputs: readonly string[] } {
  const files: Record<string, string> = {};
  const { shared, services } = contractOf500;
  for (const [name, definitions] of Object.entries(shared)) files[`shared/${name}.ts`] = definitions.map(printType).join("\n");
  files["shared/page.ts"] = "export interface Page<T> {\n  items: T[];\n  total: number;\n  next?: string | undefined;\n}\n";
  for (const service of services) files[`${fileOf(service)}.ts`] = printService(service);
  return { files, inputs: services.map((service) => `${fileOf(service)}.ts`) };
}

export function fileOf(service: Service): string {
  return service.name.toLowerCase();
}

function printService(service: Service): string {
  const imports = Object.entries(contractOf500.shared).map(([name, definitions]) => {
    const names = definitions.map((definition) => definition.name).filter((one) => uses(service, one));
    return names.length === 0 ? "" : `import type { ${names.join(", ")} } from "./shared/${name}.js";\n`;
  });
  const methods = service.methods.map(({ name, doc, request, reply, streams }) => {
    const result = `${streams ? "AsyncIterable" : "Promise"}<${printShape(reply)}>`;
    return `  /** ${doc} */\n  ${name}(request: ${request}): ${result};\n`;
  });
  return [
    `${imports.join("")}import type { Page } from "./shared/page.js";\n`,
    `/** @service shop.${service.name} */\nexport interface ${service.name} {\n${methods.join("")}}\n`,
    ...service.types.map(printType),
  ].join("\n");
}

function uses(service: Service, type: string): boolean {
  return JSON.stringify(service.types).includes(`"type":"${type}"`);
}

export function printType(definition: Definition): string {
  if ("fields" in definition) return `export interface ${definition.name} {\n${printFields(definition.fields, "  ", "\n")}}\n`;
  if ("literals" in definition) return `export type ${definition.name} = ${printShape({ oneOf: definition.literals })};\n`;
  const arms = Object.entries(definition.arms).map(
    ([value, fields]) => `\n  | { ${definition.discriminant}: "${value}"; ${printFields(fields, "", " ")}}`,
  );
  return `export type ${definition.name} =${arms.join("")};\n`;
}

function printFields(fields: readonly Field[], indent: string, end: string): string {
  return fields
    .map(({ name, shape, optional }) =>
      optional === true
        ? `${indent}${name}?: ${printShape(shape)} | undefined;${end}`
        : `${indent}${name}: ${printShape(shape)};${end}`,
    )
    .join("");
}

export function printShape(shape: Shape): string {
  if (typeof shape === "string") return shape === "date" ? "Date" : shape;
  if ("list" in shape)
    return typeof shape.list === "object" && "oneOf" in shape.list
      ? `(${printShape(shape.list)})[]`
      : `${printShape(shape.list)}[]`;
  if ("recordOf" in shape) return `Record<string, ${printShape(shape.recordOf)}>`;
  if ("orNull" in shape) return `${printShape(shape.orNull)} | null`;
  if ("oneOf" in shape) return shape.oneOf.map((value) => `"${value}"`).join(" | ");
  return "pageOf" in shape ? `Page<${shape.pageOf}>` : shape.type;
}
