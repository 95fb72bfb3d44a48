import { formatPath, type ServiceDescriptor, type Shape, t } from "@farcall/protocol";
import { expect } from "chai";
import { failureOf } from "../conformance/settlement.js";
import { EveryType } from "../contracts/gen/every-type.js";
import { Values } from "../contracts/gen/values.js";
import { asOnWire, type Mirror, openMirror } from "../samples/mirror.js";
import { Random, seed, seeded, times } from "../samples/random.js";
import { expectSame } from "../samples/same.js";
import { Sampler } from "../samples/sampler.js";
import { type Spoiled, Spoiler } from "../samples/spoiler.js";

/** What one method takes and gives back. */
interface Case {
  readonly title: string;
  readonly method: string;
  readonly shape: Shape;
}

const random = new Random(seed);
const sampler = new Sampler(random);
const spoiler = new Spoiler(random, sampler);

function argumentOf(descriptor: ServiceDescriptor, method: string): Shape {
  const shape = descriptor.methods.get(method)?.args.shape;
  const [first] = shape?.kind === "tuple" ? shape.elements : [];
  if (first === undefined) throw new Error(`${method} takes nothing`);
  return first;
}

const every = argumentOf(EveryType, "echo") as Extract<Shape, { kind: "object" }>;
/** Each type as a property, of one object. */
const asProperties = Object.entries(every.optional).map(
  ([title, shape]): Case => ({ title, method: "echo", shape: t.object({}, { [title]: shape }) }),
);
/** Each type by itself. */
const alone = [...Values.methods]
  .filter(([name, { stream }]) => name !== "parameters" && stream === undefined)
  .map(([name]): Case => ({ title: name, method: name, shape: argumentOf(Values, name) }));

for (const [service, cases] of [
  [Values, alone],
  [EveryType, asProperties],
] as const) {
  describe(`C7: every type of ${service.name}`, () => {
    let mirror: Mirror;

    before(async () => {
      mirror = await openMirror(service);
    });

    afterEach(() => {
      mirror.instead = undefined;
    });

    after(() => mirror.close());

    for (const { title, method, shape } of cases) {
      const send = (stub: "stub" | "looseStub" | "stubOfLoose", value: unknown): Promise<unknown> =>
        mirror[stub][method]?.(value) as Promise<unknown>;
      const spoil = (): Spoiled => spoiler.spoil(shape, sampler.value(shape));

      it(`${title}: comes back as it was sent`, () =>
        seeded(async () => {
          for (let i = 0; i < times(20); i++) {
            const value = sampler.value(shape);
            const result = await send("stub", value);
            expectSame(mirror.seen.args[0], value);
            expectSame(result, value);
          }
        }));

      it(`${title}: is refused on both sides with the path of what is wrong`, () =>
        seeded(async () => {
          for (let i = 0; i < times(20); i++) {
            const { value, path, how, isUnsendable = false } = spoil();
            const { count } = mirror.seen;
            const refusals = [await failureOf(send("stub", value))];
            if (!isUnsendable) refusals.push(await failureOf(send("looseStub", asOnWire(value))));
            for (const error of refusals) {
              expect(error, how).to.include({ code: "INVALID_ARGUMENT", executed: "no" });
              const text = `${service.name}.${method}: ${formatPath(["value", ...path])}: expected `;
              expect(error.message.slice(0, text.length), how).to.equal(text);
            }
            expect(mirror.seen.count, `the handler was entered: ${how}`).to.equal(count);
          }
        }));

      it(`${title}: is refused as an answer, on both sides`, () =>
        seeded(async () => {
          for (let i = 0; i < times(4); i++) {
            const fitting = sampler.value(shape);
            const { value, path, how, isUnsendable = false } = spoil();
            mirror.instead = { value };
            mirror.logged.text = "";
            const hidden = await failureOf(send("stub", fitting));
            expect(hidden, how).to.include({ code: "INTERNAL", executed: "yes" });
            expect(hidden.message, how).not.to.include("expected");
            expect(mirror.logged.text, how).to.include(`the result does not fit the contract: ${formatPath(path)}: expected `);
            if (isUnsendable) continue;
            mirror.instead = { value: asOnWire(value) };
            const seen = await failureOf(send("stubOfLoose", fitting));
            expect(seen, how).to.include({ code: "INTERNAL", executed: "yes" });
            expect(seen.message, how).to.include(`the result does not fit the contract: ${formatPath(path)}: expected `);
          }
        }));
    }
  });
}
