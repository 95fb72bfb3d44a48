export * from "./config.js";
export { codes, type Diagnostic, type DiagnosticCode, formatDiagnostic, type Palette } from "./diagnostics.js";
export {
  createGenerator,
  type GeneratedFile,
  type GenerateOptions,
  type GenerateResult,
  type Generator,
  generate,
  type ServiceSummary,
} from "./generate.js";
export type { CallKind } from "./model.js";
export type { LeftOutMember } from "./read/account.js";
