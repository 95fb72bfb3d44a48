import { Ajv, type Options, type ValidateFunction } from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import type { Contender } from "../contender.js";

const text = { type: "string" };
const number = { type: "number" };

const schema = {
  ...object(
    {
      id: text,
      placed: text,
      currency: { type: "string", enum: ["EUR", "USD", "GBP"] },
      customer: object({
        id: number,
        name: text,
        email: text,
        address: object({ street: text, city: text, zip: text, country: text }),
      }),
      items: {
        type: "array",
        items: object(
          {
            sku: { type: "string", minLength: 3, maxLength: 32 },
            units: { type: "integer", minimum: 1, maximum: 1_000 },
            price: { type: "number", minimum: 0 },
          },
          { discount: number },
        ),
      },
      payment: {
        type: "object",
        discriminator: { propertyName: "kind" },
        required: ["kind"],
        oneOf: [
          object({ kind: { const: "card" }, number: text, month: { type: "integer", minimum: 1, maximum: 12 }, year: number }),
          object({ kind: { const: "transfer" }, iban: text, bic: { type: "string", nullable: true } }),
          object({ kind: { const: "voucher" }, codes: { type: "array", items: text }, remaining: number }),
        ],
      },
      labels: { type: "object", additionalProperties: text },
      isGift: { type: "boolean" },
    },
    { note: text },
  ),
};

function object(required: Readonly<Record<string, object>>, optional: Readonly<Record<string, object>> = {}) {
  return { type: "object", properties: { ...required, ...optional }, required: Object.keys(required) };
}

/** Compiled ahead into a module of its own, as ajv advises for production, and loaded from its text. */
async function compile(options: Options): Promise<ValidateFunction> {
  // Lengths in UTF-16 units, as the others count them, and as is quickest.
  const ajv = new Ajv({
    discriminator: true,
    unicode: false,
    logger: false,
    code: { source: true, esm: true, optimize: 2 },
    ...options,
  });
  const code = standalone.default(ajv, ajv.compile(schema));
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { default: ValidateFunction };
  return module.default;
}

const first = await compile({});
const all = await compile({ allErrors: true });
const packages = ["ajv"];

export const ajv: readonly Contender[] = [
  { name: "ajv standalone", packages, check: (value) => (first(value) ? 0 : (first.errors?.length ?? 0)) },
  { name: "ajv standalone, all errors", packages, check: (value) => (all(value) ? 0 : (all.errors?.length ?? 0)) },
];
