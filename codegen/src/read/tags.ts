import { ts } from "ts-morph";
import { constraintTags } from "./constraint-tags.js";
import type { Findings, Site } from "./findings.js";
import { slipOf } from "./slip.js";

/** One tag of a doc comment. */
export interface Tag {
  readonly name: string;
  /** Where findings about it point. */
  readonly node: ts.Node;
  /** What stands behind it on its line. */
  readonly text: string;
  /** The first word of that; a sentence may follow, as in `@timeout 5s. Slow on Mondays.` */
  readonly word: string;
}

/** The tags of a node's own doc comments. */
export function tagsOf(node: ts.Node): readonly Tag[] {
  const tags: Tag[] = [];
  let end = 0;
  for (const tag of ts.getJSDocTags(node)) {
    const { tagName } = tag;
    // The compiler sees a tag in every @, also in one that belongs to a pattern.
    if (tagName.pos < end && tagName.pos >= (tags.at(-1)?.node.pos ?? 0)) continue;
    const isOwn = !ts.isParameter(node) || (tag.pos >= node.getFullStart() && tag.end <= node.end);
    if (!isOwn) continue;
    const name = tagName.text;
    const text = name === "pattern" ? wholeLine(tag) : tagLine(tag);
    end = name === "pattern" ? tagName.end + text.length + 1 : 0;
    tags.push({ name, node: tagName, text, word: /^\S*?(?=[.,;]?(?:\s|$))/.exec(text)?.[0] ?? "" });
  }
  return tags;
}

/** Up to the end of the line or of the comment, or to the next tag that is certainly one. */
function wholeLine(tag: ts.JSDocTag): string {
  const rest = tag.getSourceFile().text.slice(tag.tagName.end);
  const line = /^[^\r\n]*?(?=\*\/|\r|\n|$)/.exec(rest)?.[0] ?? "";
  const next = [...line.matchAll(/\s@(\w+)/g)].find(([, name = ""]) => Object.hasOwn(active, name) || documentation.has(name));
  return line.slice(0, next?.index).trim();
}

type Place = "service" | "method" | "overload" | "data" | "type";

/** Acted on, and where. */
const active: Readonly<Record<string, Place>> = {
  ...Object.fromEntries(constraintTags.map((name) => [name, "data"])),
  service: "service",
  idempotent: "method",
  exactlyOnce: "method",
  timeout: "method",
  key: "method",
  throws: "method",
};

/** Part of the contract language, not acted on by this version. */
const announced = new Set(["resumable", "reserved"]);

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
  for (const { name, node: at } of tagsOf(node)) {
    const site: Site = { node: at, path };
    const home = Object.hasOwn(active, name) ? active[name] : undefined;
    if (home === place || documentation.has(name) || (place === "type" && home === undefined)) continue;
    if (home !== undefined) {
      findings.warn(
        "FC1903",
        site,
        `@${name} has no effect on ${place === "data" ? "data" : place === "overload" ? "a further overload" : `a ${place}`}`,
        `put it on ${home === "data" ? "a property or parameter" : place === "overload" ? "the first" : `a ${home}`}`,
      );
    } else if (announced.has(name)) {
      findings.warn("FC1901", site, `@${name} is kept as documentation, but not enforced yet`);
    } else {
      // Of short words every other is a slip.
      const meant = name.length < 4 ? undefined : slipOf(name, Object.keys(active));
      const hint = meant === undefined ? "" : `did you mean @${meant}? `;
      const prose = `${hint}write \`@${name}\` in backticks if it is prose`;
      findings.warn("FC1902", site, `@${name} is not a tag Farcall knows`, prose);
    }
  }
}

/** The text on the tag's own line; what follows belongs to the description, wherever people put it. */
export function tagLine(tag: ts.JSDocTag): string {
  const text = tag.getSourceFile().text.slice(tag.tagName.getEnd(), tag.getEnd());
  return (text.split(/\r?\n/, 1)[0] ?? "").replace(/\*\/\s*$/, "").trim();
}
