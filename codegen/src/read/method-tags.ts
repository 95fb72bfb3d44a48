import type { ts } from "ts-morph";
import type { Findings, Site } from "./findings.js";
import { type Tag, tagsOf } from "./tags.js";

/** Tags that shape a method, by what they do. */
export interface MethodTags {
  readonly repeatability: "idempotent" | "exactly-once" | undefined;
  readonly timeoutMs: number | undefined;
  /** The parameter that `@key` names, and the tag; the name may be empty or no parameter at all. */
  readonly key: { readonly name: string; readonly tag: Tag } | undefined;
}

export const noMethodTags: MethodTags = { repeatability: undefined, timeoutMs: undefined, key: undefined };

/** Reads `@idempotent`, `@exactlyOnce`, `@timeout` and `@key`. */
export function readMethodTags(node: ts.Node, path: string, findings: Findings): MethodTags {
  let idempotent = false;
  let exactlyOnce = false;
  let timeoutMs: number | undefined;
  let key: MethodTags["key"];
  for (const tag of tagsOf(node)) {
    const site: Site = { node: tag.node, path };
    switch (tag.name) {
      case "idempotent":
        idempotent = true;
        break;
      case "exactlyOnce":
        exactlyOnce = true;
        break;
      case "timeout": {
        const parsed = parseDuration(tag.word);
        if (parsed === undefined) {
          findings.error("FC1112", site, `@timeout ${tag.text} is not a duration`, "write @timeout 500ms, 5s, 2m or none");
        }
        timeoutMs = parsed;
        break;
      }
      case "key":
        if (key !== undefined)
          findings.error("FC1112", site, "a method has one @key", "keep one, or send both values as one parameter");
        key = { name: tag.word, tag };
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

function parseDuration(word: string): number | undefined {
  if (word === "none") return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(word);
  if (match === null) return undefined;
  const ms = Number(match[1]) * (unitsMs[match[2] ?? ""] ?? Number.NaN);
  return Number.isInteger(ms) && ms > 0 && ms <= maxTimeoutMs ? ms : undefined;
}
