/**
 * All that a generated file imports. The path carries a version: files generated for v1 keep working
 * beside files generated for a later one.
 */
export type { CallContext, CallOptions } from "../call-types.js";
export { isObject, isValidDate as isDate } from "../schema/objects.js";
export { schema } from "../schema/schema.js";
export { type Shape, t } from "../schema/shape.js";
export { type ServiceDescriptor, service } from "../service.js";
