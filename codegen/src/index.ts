export { type Diagnostic, type DiagnosticCode, type Palette, codes, formatDiagnostic } from "./diagnostics.js";
export { type GenerateOptions, type GenerateResult, type GeneratedFile, type ServiceSummary, generate } from "./generate.js";
export type { CallKind } from "./model.js";
