export * from "./call-types.js";
export * from "./metadata.js";
export * from "./schema/schema.js";
export * from "./schema/shape.js";
export { formatIssue, formatPath, type Issue } from "./schema/explain.js";
export * from "./service.js";
