import { createHash } from "node:crypto";
import { type MethodModel, type ParameterModel, type ServiceModel, type TypeModel, travelling } from "./model.js";
import { digestTypes } from "./type-digest.js";

/**
 * Sixteen hex digits over a method's wire shape: call kind, arguments, input, output. Names of types and parameters,
 * comments, order of properties and of union arms, timeouts and repeatability do not count, because two peers that
 * differ only in those exchange the same bytes.
 */
export function fingerprintMethods(methods: readonly MethodModel[]): ReadonlyMap<string, string> {
  const typed = ({ parameters, output }: Pick<MethodModel, "parameters" | "output">): TypeModel[] =>
    [...parameters, output].map(({ type }) => type);
  const digestOf = digestTypes(methods.flatMap((method) => [method, ...method.overloads].flatMap(typed)));
  return new Map(
    methods.map((method) => {
      const digestParameter = ({ type, optional }: ParameterModel): string => digestOf(type) + mark(optional);
      const args = travelling(method).map(digestParameter);
      const overloads = method.overloads.map(({ parameters, output }) => {
        const own = travelling({ ...method, parameters }).map(digestParameter);
        return `|(${own.join()}):${digestOf(output.type)}`;
      });
      const streamed = method.stream === undefined ? undefined : method.parameters[method.stream];
      const input = streamed === undefined ? "" : digestParameter(streamed);
      return [
        method.name,
        digest(`${method.kind}(${args.join()})${input}:${digestOf(method.output.type)}${overloads.sort().join("")}`).slice(0, 16),
      ];
    }),
  );
}

/** Over the wire name and the methods' fingerprints, whatever their order. */
export function fingerprintService(service: ServiceModel, methods: ReadonlyMap<string, string>): string {
  const lines = [...methods].map(([name, fingerprint]) => `${name} ${fingerprint}`).sort();
  return digest([service.wireName, ...lines].join("\n")).slice(0, 16);
}

function mark(optional: boolean): string {
  return optional ? "?" : "";
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
