import { ts } from "ts-morph";
import type { Findings } from "./findings.js";

/** The doc comment as lines of text, without the `@service` tag, which generated code must not repeat. */
export function readDoc(node: ts.Node): readonly string[] {
  const comment = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  if (comment === undefined) return [];
  const lines = comment
    .getText()
    .replace(/^\/\*\*/, "")
    .replace(/\*\/$/, "")
    .split(/\r?\n/)
    .map((line, index) => (index === 0 ? line : line.replace(/^\s*\*? ?/, "")).replace(/@service\b.*$/, "").trimEnd());
  while (lines.length > 0 && lines[0]?.trim() === "") lines.shift();
  while (lines.length > 0 && lines.at(-1)?.trim() === "") lines.pop();
  return lines.map((line, index) => (index === 0 ? line.trim() : line));
}

/**
 * TypeScript drops a doc comment that shares its line with an earlier token: `a(): X; /** @idempotent *\/ b(): Y`.
 * A dropped tag would change the meaning of the contract in silence.
 */
export function refuseDetachedDoc(node: ts.Node, path: string, findings: Findings): void {
  const text = node.getSourceFile().text;
  // At the start of a file there is nothing earlier.
  if (node.getFullStart() === 0) return;
  for (const range of ts.getTrailingCommentRanges(text, node.getFullStart()) ?? []) {
    const comment = text.slice(range.pos, range.end);
    if (comment.startsWith("/**") && /@[a-zA-Z]/.test(comment)) {
      findings.error(
        "FC1113",
        { node: ts.getNameOfDeclaration(node as ts.Declaration) ?? node, path },
        "the doc comment before this does not count, because it shares its line with something earlier",
        "put the comment on a line of its own",
      );
    }
  }
}
