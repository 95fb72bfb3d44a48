export { codes, type Diagnostic, type DiagnosticCode, formatDiagnostic, type Palette } from "./diagnostics.js";
export { type GeneratedFile, type GenerateOptions, type GenerateResult, generate, type ServiceSummary } from "./generate.js";
export type { CallKind } from "./model.js";
