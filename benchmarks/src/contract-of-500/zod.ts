import { contractOf500, type Definition, type Field, type Service, type Shape } from "./description.js";
import { fileOf } from "./typescript.js";

/** The shared types as zod schemas, by the name of the file. */
export function sharedSchemas(): Readonly<Record<string, string>> {
  const files: Record<string, string> = {
    "shared/page.ts": [
      'import { z } from "zod";',
      "export const pageOf = <T extends z.ZodType>(item: T) =>",
      "  z.object({ items: z.array(item), total: z.number(), next: z.string().optional() });",
      "",
    ].join("\n"),
  };
  for (const [name, definitions] of Object.entries(contractOf500.shared))
    files[`shared/${name}.ts`] = `import { z } from "zod";\n${definitions.map(printSchema).join("\n")}`;
  return files;
}

/** The types of one service as zod schemas, with the imports they need. */
export function schemasOf(service: Service): string {
  const used = JSON.stringify(service.types);
  const imports = Object.entries(contractOf500.shared).map(([name, definitions]) => {
    const names = definitions.map((one) => one.name).filter((one) => used.includes(`"type":"${one}"`));
    return names.length === 0 ? "" : `import { ${names.join(", ")} } from "./shared/${name}.js";\n`;
  });
  return `import { z } from "zod";\n${imports.join("")}import { pageOf } from "./shared/page.js";\n\n${service.types.map(printSchema).join("\n")}`;
}

/** `import { accounts } from "./accounts.js";` and so on, and the names. */
export function servicesIndex(): { readonly imports: string; readonly names: string } {
  const names = contractOf500.services.map(fileOf);
  return { imports: names.map((name) => `import { ${name} } from "./${name}.js";\n`).join(""), names: names.join(", ") };
}

function printSchema(definition: Definition): string {
  const { name } = definition;
  if ("literals" in definition) return `export const ${name} = ${schemaOf({ oneOf: definition.literals })};\n`;
  if ("fields" in definition) return `export const ${name} = ${objectOf(definition.fields, name)};\n`;
  const arms = Object.entries(definition.arms).map(
    ([value, fields]) =>
      `  z.object({ ${definition.discriminant}: z.literal("${value}"), ${fields.map((field) => entry(field, "")).join(", ")} }),\n`,
  );
  return `export const ${name} = z.discriminatedUnion("${definition.discriminant}", [\n${arms.join("")}]);\n`;
}

function objectOf(fields: readonly Field[], owner: string): string {
  return `z.object({\n${fields.map((field) => `  ${entry(field, owner)},\n`).join("")}})`;
}

/** A type that contains itself is named inside a getter. */
function entry({ name, shape, optional }: Field, owner: string): string {
  const schema = schemaOf(shape) + (optional === true ? ".optional()" : "");
  return owner !== "" && JSON.stringify(shape).includes(`"type":"${owner}"`)
    ? `get ${name}() { return ${schema}; }`
    : `${name}: ${schema}`;
}

export function schemaOf(shape: Shape): string {
  if (typeof shape === "string") return `z.${shape}()`;
  if ("list" in shape) return `z.array(${schemaOf(shape.list)})`;
  if ("recordOf" in shape) return `z.record(z.string(), ${schemaOf(shape.recordOf)})`;
  if ("orNull" in shape) return `${schemaOf(shape.orNull)}.nullable()`;
  if ("oneOf" in shape) return `z.enum(${JSON.stringify(shape.oneOf)})`;
  return "pageOf" in shape ? `pageOf(${shape.pageOf})` : shape.type;
}
