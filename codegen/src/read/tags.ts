import { ts } from "ts-morph";
import type { Findings, Site } from "./findings.js";

/** Tags that shape a method, by what they do. */
export interface MethodTags {
  readonly repeatability: "idempotent" | "exactly-once" | undefined;
  readonly timeoutMs: number | undefined;
  /** The parameter that `@key` names, and the tag; the name may be empty or no parameter at all. */
  readonly key: { readonly name: string; readonly tag: ts.JSDocTag } | undefined;
}

export const noMethodTags: MethodTags = { repeatability: undefined, timeoutMs: undefined, key: undefined };

type Place = "service" | "method" | "data";

/** Acted on, and where. */
const active: Readonly<Record<string, Place>> = {
  service: "service",
  idempotent: "method",
  exactlyOnce: "method",
  timeout: "method",
  key: "method",
};

/** Part of the contract language, not acted on by this version. */
const announced = new Set([
  "throws",
  "resumable",
  "reserved",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "uniqueItems",
  "pattern",
  "format",
  "type",
]);

/** TSDoc and common JSDoc: documentation only, so nothing is lost. */
const documentation = new Set(
  (
    "alpha author beta category copyright decorator default defaultValue deprecated description example experimental file " +
    "fileoverview group ignore inheritDoc internal label license link module packageDocumentation param arg privateRemarks " +
    "property prop public readonly remarks return returns sealed see since summary template todo typeParam version virtual"
  ).split(" "),
);

/** Warns of every tag that has no effect here, so that none is passed over in silence. */
export function checkTags(node: ts.Node, place: Place, path: string, findings: Findings): void {
  for (const tag of ts.getJSDocTags(node)) {
    const name = tag.tagName.text;
    const site: Site = { node: tag.tagName, path };
    const home = active[name];
    if (home === place || documentation.has(name)) continue;
    if (home !== undefined) {
      findings.warn(
        "FC1903",
        site,
        `@${name} has no effect on ${place === "data" ? "data" : `a ${place}`}`,
        `put it on a ${home}`,
      );
    } else if (announced.has(name)) {
      findings.warn("FC1901", site, `@${name} is kept as documentation, but not enforced yet`);
    } else {
      findings.warn("FC1902", site, `@${name} is not a tag Farcall knows`, `write \`@${name}\` in backticks if it is prose`);
    }
  }
}

/** Reads `@idempotent`, `@exactlyOnce`, `@timeout` and `@key`. */
export function readMethodTags(node: ts.Node, path: string, findings: Findings): MethodTags {
  let idempotent = false;
  let exactlyOnce = false;
  let timeoutMs: number | undefined;
  let key: MethodTags["key"];
  for (const tag of ts.getJSDocTags(node)) {
    const site: Site = { node: tag.tagName, path };
    switch (tag.tagName.text) {
      case "idempotent":
        idempotent = true;
        break;
      case "exactlyOnce":
        exactlyOnce = true;
        break;
      case "timeout": {
        const parsed = parseDuration(tagLine(tag));
        if (parsed === undefined) {
          findings.error("FC1112", site, `@timeout ${tagLine(tag)} is not a duration`, "write @timeout 500ms, 5s, 2m or none");
        }
        timeoutMs = parsed;
        break;
      }
      case "key":
        if (key !== undefined)
          findings.error("FC1112", site, "a method has one @key", "keep one, or send both values as one parameter");
        key = { name: firstWord(tagLine(tag)), tag };
        break;
      default:
    }
    if (idempotent && exactlyOnce) {
      findings.error("FC1112", site, "@idempotent and @exactlyOnce exclude each other", "keep the one that is meant");
    }
  }
  return { repeatability: exactlyOnce ? "exactly-once" : idempotent ? "idempotent" : undefined, timeoutMs, key };
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };
/** Timers cannot be set further than this. */
const maxTimeoutMs = 2 ** 31 - 1;

function parseDuration(text: string): number | undefined {
  const word = firstWord(text);
  if (word === "none") return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(word);
  if (match === null) return undefined;
  const ms = Number(match[1]) * (unitsMs[match[2] ?? ""] ?? Number.NaN);
  return Number.isInteger(ms) && ms > 0 && ms <= maxTimeoutMs ? ms : undefined;
}

/** A sentence may follow: `@timeout 5s. Slow on Mondays.` */
function firstWord(text: string): string {
  return /^\S*?(?=[.,;]?(?:\s|$))/.exec(text)?.[0] ?? "";
}

/** The text on the tag's own line; what follows belongs to the description, wherever people put it. */
export function tagLine(tag: ts.JSDocTag): string {
  const text = tag.getSourceFile().text.slice(tag.tagName.getEnd(), tag.getEnd());
  return (text.split(/\r?\n/, 1)[0] ?? "").replace(/\*\/\s*$/, "").trim();
}

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
