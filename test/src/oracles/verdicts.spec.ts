import type { Issue, ServiceDescriptor } from "@farcall/protocol";
import { expect } from "chai";
import { Random, seed, seeded, times } from "../samples/random.js";
import { Sampler } from "../samples/sampler.js";
import { type Description, descriptions, type Root } from "./descriptions.js";
import { differencesOf } from "./differences.js";
import { generated } from "./generated.js";
import { JsonMutator } from "./json-mutator.js";
import { SchemaSampler } from "./schema-sampler.js";
import { StructureComparison } from "./structure.js";
import { Oracle, Ours, textsOf } from "./verdict.js";

/** The same values in each short run: others have published these packages, and nobody's change is to blame for them. */
const seedOfRun = process.env.FARCALL_SEED === undefined && process.env.FARCALL_LONG !== "1" ? 1 : seed;

describe("C7: validators of others and ours are of one mind", function () {
  this.timeout(900_000);
  let all: readonly Description[];
  let ours: readonly ServiceDescriptor[];
  let values = 0;

  before(async () => {
    all = await descriptions();
    ours = await generated(all.map(({ contract }) => contract));
  });

  after(() => expect(values).to.be.greaterThan(times(10_000)));

  for (const [index, { name, bases, differences, examples }] of differencesOf.entries()) {
    const open = (): { description: Description; types: { root: Root; own: Ours; document: Root["schema"] }[] } => {
      const description = all[index] as Description;
      expect(description.name).to.equal(name);
      const types = description.roots.map((root) => ({
        root,
        own: new Ours(ours[index] as ServiceDescriptor, root),
        // A schema that refers to nothing else is a document of its own.
        document: root.schema.$ref === undefined ? root.schema : description.document,
      }));
      return { description, types };
    };

    it(`${name}: names, what may be missing, and values of enumerations agree`, () => {
      let [properties, enumerations] = [0, 0];
      for (const { root, own, document } of open().types) {
        const comparison = new StructureComparison(document);
        comparison.compare(own.shape, root.schema, root.method);
        expect(comparison.differences).to.deep.equal([]);
        properties += comparison.properties;
        enumerations += comparison.enumerations;
      }
      if (process.env.FARCALL_FIGURES === "1") console.log(name, { properties, enumerations });
      expect(properties).to.be.greaterThan(400);
    });

    it(`${name}: verdicts agree, but for what is listed`, () =>
      seeded(() => {
        const { description, types } = open();
        const random = new Random(seedOfRun);
        const oracle = new Oracle(description);
        const ourSampler = new Sampler(random, { isJson: true });
        const mutator = new JsonMutator(random, textsOf([description.document, ...types.map(({ root }) => root.schema)]));
        const found = new Map<string, number>();
        const taken = { yes: 0, no: 0 };
        const judge = ({ root, own }: (typeof types)[number], value: unknown): void => {
          const [theirs, verdict] = [oracle.accepts(root, value), own.accepts(value)];
          values++;
          taken[theirs ? "yes" : "no"]++;
          if (theirs === verdict) return;
          const why = oracle.reasonFor(root, value, verdict) ?? ofOurs(oracle, root, own.issues(value));
          const difference = `${theirs ? "only they" : "only we"} accept: ${why ?? "unexplained"}`;
          if (!Object.hasOwn(differences, difference)) {
            const told = `they: ${oracle.errors(root, value)}\n  we: ${own.errors(value)}`;
            throw new Error(`${difference}: ${root.method}, ${root.side}\n  ${JSON.stringify(value)}\n  ${told}`);
          }
          found.set(difference, (found.get(difference) ?? 0) + 1);
        };

        for (const [name, value] of examples) {
          const type = types.find(({ root }) => `${root.method} ${root.side}` === name);
          if (type === undefined) throw new Error(`no ${name}`);
          judge(type, value);
        }
        const wanted = Object.keys(differences).length;
        // Further, until each listed difference has been seen to occur.
        for (let i = 0; i < times(bases) || (i < 5 * times(bases) && found.size < wanted); i++) {
          const type = random.pick(types);
          const base = random.chance(0.5)
            ? new SchemaSampler(random, type.document).value(type.root.schema)
            : ourSampler.value(type.own.shape);
          for (const value of [base, ...Array.from({ length: 3 }, () => mutator.mutated(base))]) judge(type, value);
        }
        expect([...found.keys()].sort()).to.deep.equal(Object.keys(differences).sort());
        // An oracle that says one thing only says nothing.
        expect(Math.min(taken.yes, taken.no) / (taken.yes + taken.no)).to.be.greaterThan(0.2);
        if (process.env.FARCALL_FIGURES === "1") console.log(name, types.length, taken, Object.fromEntries(found));
      }, seedOfRun));
  }
});

/** Why a value is refused that a description which knows less takes. */
function ofOurs(oracle: Oracle, root: Root, issues: readonly Issue[]): string | undefined {
  const isList = issues.every(({ expected, received }) => expected === "object" && received.startsWith("array"));
  if (issues.length > 0 && isList) return "a list as an object of any form";
  const paths = issues.map(({ path }) => path);
  return oracle.saysNothingOf(root, paths) ? "parts that are not described" : undefined;
}
