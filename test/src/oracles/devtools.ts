import type { Root } from "./descriptions.js";
import type { JsonSchema } from "./json-schema.js";

interface Described {
  readonly id?: string;
  readonly name?: string;
  readonly type?: string;
  readonly $ref?: string;
  readonly enum?: readonly string[];
  readonly optional?: boolean;
  readonly items?: Described;
  readonly properties?: readonly Described[];
}

/** The protocol description of Chromium's devtools, as far as it describes data. */
export interface Protocol {
  readonly domains: readonly {
    readonly domain: string;
    readonly types?: readonly Described[];
    readonly commands?: readonly {
      readonly name: string;
      readonly parameters?: readonly Described[];
      readonly returns?: readonly Described[];
    }[];
  }[];
}

/** The same as JSON Schema. Other keys than those that are described are nobody's business, as in the protocol. */
export function asJsonSchema(domains: Protocol["domains"]): { document: JsonSchema; commands: Root[] } {
  const $defs: Record<string, JsonSchema> = {};
  const commands: Root[] = [];
  for (const { domain, types = [], commands: declared = [] } of domains) {
    for (const type of types) $defs[`${domain}.${type.id as string}`] = schemaOf(type, domain);
    for (const { name, parameters, returns } of declared) {
      const add = (side: Root["side"], properties: readonly Described[] | undefined): void => {
        if (properties === undefined) return;
        const id = `${domain}.${name}:${side}`;
        $defs[id] = objectOf(properties, domain);
        commands.push({ method: `${domain}.${name}`, side, schema: { $ref: `#/$defs/${id}` } });
      };
      add("argument", parameters);
      add("result", returns);
    }
  }
  return { document: { $defs }, commands };
}

function schemaOf({ type, $ref, enum: values, items, properties }: Described, domain: string): JsonSchema {
  if ($ref !== undefined) return { $ref: `#/$defs/${$ref.includes(".") ? $ref : `${domain}.${$ref}`}` };
  if (values !== undefined) return { enum: values };
  switch (type) {
    case "any":
      return {};
    case "binary":
      return { type: "string" };
    case "array":
      return { type: "array", items: schemaOf(items ?? {}, domain) };
    case "object":
      return properties === undefined ? { type: "object" } : objectOf(properties, domain);
    default:
      return type === undefined ? {} : { type };
  }
}

function objectOf(properties: readonly Described[], domain: string): JsonSchema {
  return {
    type: "object",
    properties: Object.fromEntries(properties.map((one) => [one.name, schemaOf(one, domain)])),
    required: properties.filter((one) => one.optional !== true).map((one) => one.name as string),
  };
}
