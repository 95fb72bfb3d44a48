export type Group = "number" | "string" | "list";

/** The tags that say more of a value than its type does, by what they are for. */
export const groups: Readonly<Record<string, Group>> = {
  type: "number",
  minimum: "number",
  maximum: "number",
  exclusiveMinimum: "number",
  exclusiveMaximum: "number",
  multipleOf: "number",
  length: "string",
  minLength: "string",
  maxLength: "string",
  pattern: "string",
  format: "string",
  items: "list",
  minItems: "list",
  maxItems: "list",
  uniqueItems: "list",
};

export const constraintTags: readonly string[] = Object.keys(groups);
