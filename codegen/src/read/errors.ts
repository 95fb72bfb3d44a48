import { ts } from "ts-morph";
import type { ErrorModel, TypeText } from "../model.js";
import type { Findings, Site } from "./findings.js";
import { isLibrary } from "./library.js";
import type { References } from "./references.js";
import type { TypeReader } from "./type.js";

/** What every error of Farcall has by itself. */
const taken = new Set(["name", "message", "stack", "cause", "code", "executed", "reason", "details", "retryAfterMs"]);

/** Reads `@throws {OutOfStock}`: an interface or class of which the fields travel. A `@throws` without braces is prose. */
export class ErrorReader {
  readonly #types: TypeReader;
  readonly #references: References;
  readonly #findings: Findings;

  constructor(types: TypeReader, references: References) {
    this.#types = types;
    this.#references = references;
    this.#findings = types.findings;
  }

  read(method: ts.Declaration, path: string): readonly ErrorModel[] {
    return ts
      .getJSDocTags(method)
      .filter(ts.isJSDocThrowsTag)
      .map((tag) => this.#error(tag, path))
      .filter((model) => model !== undefined);
  }

  #error(tag: ts.JSDocThrowsTag, path: string): ErrorModel | undefined {
    const written = tag.typeExpression?.type;
    if (written === undefined) return undefined;
    const name = written.getText();
    // `@throws {@link Name}` is prose that happens to have braces.
    if (name === "") return undefined;
    const site: Site = { node: tag.tagName, path: `${path} > ${name}` };
    const { checker, program } = this.#types;
    const symbol = checker.getTypeFromTypeNode(written).symbol as ts.Symbol | undefined;
    if (
      symbol === undefined ||
      isLibrary(program, symbol) ||
      (symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class)) === 0
    ) {
      // Nobody can edit the comments of a package: what it throws stays redacted.
      if (written.getSourceFile().fileName.includes("/node_modules/")) {
        this.#findings.warn("FC1903", site, `${name} is no interface or class that is known here, so it is not declared`);
        return undefined;
      }
      const hint = "name an interface or class with the fields of the error, or write @throws without braces for prose";
      this.#findings.error("FC1117", site, `${name} is no interface or class that is known here`, hint);
      return undefined;
    }
    const reference = this.#references.find(symbol);
    if (reference === undefined) {
      this.#findings.error("FC1117", site, `nothing exports ${name}`, "export it: callers need its name");
      return undefined;
    }
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    const fields = checker
      .getPropertiesOfType(type)
      .filter((property) => !isLibrary(program, property) && !taken.has(property.name) && !isMethod(property));
    const clash = checker.getPropertiesOfType(type).find((property) => !isLibrary(program, property) && clashes(property.name));
    if (clash !== undefined) {
      const hint = "rename it: errors of Farcall have one of this name themselves";
      this.#findings.error("FC1117", site, `${name}.${clash.name} cannot be a field of an error`, hint);
      return undefined;
    }
    const names = fields.map((property) => JSON.stringify(property.name));
    const text: TypeText = names.length === 0 ? ["Record<never, never>"] : ["Pick<", reference, `, ${names.join(" | ")}>`];
    return { name: symbol.name, fields: this.#types.fields(fields, type, site), text };
  }
}

function isMethod(property: ts.Symbol): boolean {
  return (property.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Accessor)) !== 0;
}

/** A class may set its `name`, and give its `message` a type; the rest would hide what every error says. */
function clashes(name: string): boolean {
  return taken.has(name) && !["name", "message", "stack", "cause"].includes(name);
}
