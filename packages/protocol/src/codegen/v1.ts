/**
 * All that a generated file imports. The path carries a version: files generated for v1 keep working
 * beside files generated for a later one.
 */
export type { CallContext, CallOptions } from "../call-types.js";
export { type DeclaredError, type DeclaredErrorClass, declaredError } from "../declared-error.js";
export { isAny } from "../schema/any.js";
export { isFormat } from "../schema/format.js";
export { hasOnly, isObject, isObjectLike, isURL, isValidDate as isDate } from "../schema/objects.js";
export { isMultipleOf, isNumeric, isUnique } from "../schema/rules.js";
export { overloaded, type Schema as SchemaOf, schema } from "../schema/schema.js";
export { type Shape, shape, t } from "../schema/shape.js";
export { isTemplate } from "../schema/template.js";
export { type MethodDescriptor, type ServiceDescriptor, service } from "../service.js";
