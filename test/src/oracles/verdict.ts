import type { Issue, Schema, ServiceDescriptor, Shape } from "@farcall/protocol";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import type { Description, Root } from "./descriptions.js";
import { beyondTypes, flattened, type JsonSchema, type Relax, type Relaxation, relaxed } from "./json-schema.js";

/** Validators of one description, each made when it is first asked; relaxed ones for the differences. */
export class Oracle {
  readonly #description: Description;
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #instances = new Map<string, Ajv2020>();

  constructor(description: Description) {
    this.#description = description;
  }

  accepts(root: Root, value: unknown): boolean {
    return root.accepts === undefined ? this.#validate(root, value, []) : root.accepts(value);
  }

  /** What of the description a type cannot say, and would have to for the verdict to be `verdict`. */
  reasonFor(root: Root, value: unknown, verdict: boolean): string | undefined {
    // Where the schema is not the oracle itself, it may be of its mind or of ours.
    if (root.accepts !== undefined && this.#validate(root, value, []) === verdict)
      return verdict ? "a check in code" : "what its parser fills in";
    const names = Object.keys(beyondTypes);
    const broken = new Set(this.#errorsOf(root, value).map(({ keyword }) => keyword));
    const likely = names.filter((name) => beyondTypes[name]?.keywords.some((keyword) => broken.has(keyword)));
    const single = likely.find((name) => this.#validate(root, value, [name]) === verdict);
    return single ?? (this.#validate(root, value, names) === verdict ? "several of these at once" : undefined);
  }

  /** Whether the description ends above every place that is refused. */
  saysNothingOf(root: Root, paths: readonly Issue["path"][]): boolean {
    const document = root.schema.$ref === undefined ? root.schema : this.#description.document;
    const endsAbove = (schema: JsonSchema | boolean | undefined, [step, ...rest]: Issue["path"]): boolean => {
      if (step === undefined || typeof schema !== "object") return false;
      const { properties, items, type } = flattened(schema, document);
      if (type === "object" && properties === undefined) return true;
      return endsAbove(typeof step === "number" ? items : properties?.[step], rest);
    };
    return paths.length > 0 && paths.every((path) => endsAbove(root.schema, path));
  }

  errors(root: Root, value: unknown): string {
    return this.#errorsOf(root, value)
      .map((one) => `${one.instancePath} ${one.message ?? ""}`)
      .join("; ");
  }

  #errorsOf(root: Root, value: unknown): readonly ErrorObject[] {
    const validate = this.#validator(root, []);
    validate(value);
    return validate.errors ?? [];
  }

  #validate(root: Root, value: unknown, without: readonly string[]): boolean {
    return this.#validator(root, without)(value) === true;
  }

  #validator(root: Root, without: readonly string[]): ValidateFunction {
    const key = [root.method, root.side, ...without].join("\0");
    let validate = this.#validators.get(key);
    if (validate === undefined) {
      const relax: Relax = (schema, root) =>
        without.reduce((wider, name) => (beyondTypes[name] as Relaxation).relax(wider, root), schema as Record<string, unknown>);
      const { $ref } = root.schema;
      const ajv = this.#instance(without, relax);
      const found = $ref?.startsWith("#/")
        ? ajv.getSchema(`whole${$ref}`)
        : ajv.compile(relaxed(root.schema, relax, root.schema) as JsonSchema);
      if (found === undefined) throw new Error(`no schema of ${root.method}`);
      validate = found as ValidateFunction;
      this.#validators.set(key, validate);
    }
    return validate;
  }

  #instance(without: readonly string[], relax: Relax): Ajv2020 {
    const key = without.join();
    let ajv = this.#instances.get(key);
    if (ajv === undefined) {
      ajv = new Ajv2020({
        strict: false,
        logger: false,
        validateSchema: false,
        validateFormats: false,
        inlineRefs: false,
        code: { optimize: false },
      });
      const { $schema: _, ...document } = relaxed(this.#description.document, relax, this.#description.document) as Record<
        string,
        unknown
      >;
      ajv.addSchema({ $id: "whole", ...document });
      this.#instances.set(key, ajv);
    }
    return ajv;
  }
}

/** The generated validator of one type, for values of that type alone. */
export class Ours {
  readonly shape: Shape;
  readonly #schema: Schema;
  readonly #isArgument: boolean;

  constructor(descriptor: ServiceDescriptor, { method, side }: Root) {
    const steps = method.split(".");
    const name = steps.pop() as string;
    const service = steps.reduce<ServiceDescriptor | undefined>((one, step) => one?.groups.get(step), descriptor);
    const found = service?.methods.get(name);
    if (found === undefined) throw new Error(`no method ${method}`);
    this.#isArgument = side === "argument";
    this.#schema = this.#isArgument ? found.args : found.output;
    const { shape } = this.#schema;
    const own = this.#isArgument && shape.kind === "tuple" ? shape.elements[0] : shape;
    if (own === undefined) throw new Error(`${method} takes nothing`);
    this.shape = own;
  }

  /** @throws when its passes are of different minds */
  accepts(value: unknown): boolean {
    const checked = this.#isArgument ? [value] : value;
    const verdict = this.#schema.is(checked);
    const explained = this.#schema.explain(checked);
    const standard = this.#schema["~standard"].validate(checked).issues;
    if (verdict !== (explained.length === 0) || verdict !== (standard === undefined))
      throw new Error(`is says ${verdict}, explain ${JSON.stringify(explained)}, Standard Schema ${JSON.stringify(standard)}`);
    return verdict;
  }

  /** Everything that is wrong, with paths inside the value. */
  issues(value: unknown): readonly Issue[] {
    if (!this.#isArgument) return this.#schema.explain(value);
    return this.#schema.explain([value]).map((issue) => ({ ...issue, path: issue.path.slice(1) }));
  }

  errors(value: unknown): string {
    return JSON.stringify(this.issues(value).slice(0, 3));
  }
}

/** Every text that means something in a schema. */
export function textsOf(schema: unknown): readonly string[] {
  const found = new Set<string>(["", "a", "other"]);
  const visit = (part: unknown, isValue: boolean): void => {
    if (typeof part === "string" && isValue) found.add(part);
    if (typeof part !== "object" || part === null) return;
    for (const [key, one] of Object.entries(part))
      visit(one, key === "enum" || key === "const" || (isValue && Array.isArray(part)));
  };
  visit(schema, false);
  return [...found];
}
