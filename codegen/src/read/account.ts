import type { DiagnosticCode } from "../diagnostics.js";
import { children, type MethodModel, type TypeModel } from "../model.js";
import type { Findings } from "./findings.js";

/** A member of a service that is not generated. */
export interface LeftOutMember {
  /** `Api.users.find`: the exported name of the service, the groups, the member. */
  readonly member: string;
  /** Every reason, sorted: errors, or else the warnings with which a member is passed over. */
  readonly codes: readonly DiagnosticCode[];
}

/**
 * Keeps account of what becomes of every member of every service. A diagnostic is reported once, where the type in
 * question was met first; here all who use such a type are told.
 */
export class Account {
  readonly #findings: Findings;
  readonly #omit: ReadonlySet<string>;
  readonly #omitted = new Set<string>();
  readonly #members: {
    readonly path: string;
    readonly codes: ReadonlySet<DiagnosticCode>;
    readonly roots: readonly TypeModel[];
  }[] = [];

  /** `omit`: members and groups that the user does without. */
  constructor(findings: Findings, omit: readonly string[]) {
    this.#findings = findings;
    this.#omit = new Set(omit);
  }

  isOmitted(path: string): boolean {
    if (this.#omit.has(path)) this.#omitted.add(path);
    return this.#omit.has(path);
  }

  /** What is to be omitted and is not there. */
  get missing(): readonly string[] {
    return [...this.#omit].filter((path) => !this.#omitted.has(path));
  }

  /** Notes what `read` makes of a member that is no group, and what it finds. */
  member(path: string, read: () => MethodModel | undefined): MethodModel | undefined {
    const { result, errors, warnings } = this.#findings.collect(read);
    const codes = result === undefined && errors.size === 0 ? warnings : errors;
    this.#members.push({ path, codes, roots: result === undefined ? [] : typesOf(result) });
    return result;
  }

  /** Notes a group that cannot be read; its members are noted one by one. */
  group<T>(path: string, read: () => T | undefined): T | undefined {
    const { result, errors, warnings } = this.#findings.collect(read);
    if (result === undefined) this.#members.push({ path, codes: errors.size > 0 ? errors : warnings, roots: [] });
    return result;
  }

  /** In the order of the contract. To be called when everything has been read. */
  leftOut(): readonly LeftOutMember[] {
    const reached = this.#spread();
    return this.#members.flatMap(({ path, codes, roots }) => {
      const all = new Set([...codes, ...roots.flatMap((root) => [...(reached.get(root) ?? [])])]);
      return all.size === 0 ? [] : [{ member: path, codes: [...all].sort() }];
    });
  }

  /** For each type the codes of everything inside it. */
  #spread(): ReadonlyMap<TypeModel, ReadonlySet<DiagnosticCode>> {
    const reached = new Map<TypeModel, Set<DiagnosticCode>>();
    const users = new Map<TypeModel, TypeModel[]>();
    const pending = this.#members.flatMap((member) => member.roots);
    for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
      if (reached.has(type)) continue;
      reached.set(type, new Set());
      for (const child of children(type)) {
        const list = users.get(child);
        if (list === undefined) users.set(child, [type]);
        else list.push(type);
        pending.push(child);
      }
    }
    for (const [marked, codes] of this.#findings.marks) {
      for (const code of codes) {
        const tainted = [marked];
        for (let type = tainted.pop(); type !== undefined; type = tainted.pop()) {
          const known = reached.get(type);
          if (known === undefined || known.has(code)) continue;
          known.add(code);
          tainted.push(...(users.get(type) ?? []));
        }
      }
    }
    return reached;
  }
}

function typesOf({ parameters, output, errors, overloads }: MethodModel): readonly TypeModel[] {
  const outputs = [output, ...overloads.map((overload) => overload.output)];
  return [...parameters, ...outputs].map(({ type }) => type).concat(errors.map(({ fields }) => fields));
}
