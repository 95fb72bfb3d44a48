import { formatPath, type Shape } from "@farcall/protocol";
import { expect } from "chai";
import { collect, failureOf, streamOf } from "../conformance/settlement.js";
import { EveryType } from "../contracts/gen/every-type.js";
import { asOnWire, type Mirror, openMirror, type Stub } from "../samples/mirror.js";
import { Random, seed, seeded, times } from "../samples/random.js";
import { expectSame } from "../samples/same.js";
import { Sampler } from "../samples/sampler.js";
import { Spoiler } from "../samples/spoiler.js";

const every = EveryType.methods.get("upload")?.input?.shape as Shape;
const [overloads] = tupleOf(EveryType.methods.get("pick")?.args.shape);
const random = new Random(seed);
const sampler = new Sampler(random);
const spoiler = new Spoiler(random, sampler);

function tupleOf(shape: Shape | undefined): readonly Shape[] {
  return shape?.kind === "tuple" ? shape.elements : [];
}

/** Until the stream ends or fails. */
async function drain(stream: AsyncIterable<unknown>): Promise<{ items: unknown[]; error?: unknown }> {
  const items: unknown[] = [];
  try {
    for await (const item of stream) items.push(item);
    return { items };
  } catch (error) {
    return { items, error };
  }
}

describe(`C7: every type of ${EveryType.name} in every form of call`, () => {
  let mirror: Mirror;

  before(async () => {
    mirror = await openMirror(EveryType);
  });

  afterEach(() => {
    mirror.instead = undefined;
    mirror.logged.text = "";
  });

  after(() => mirror.close());

  const values = (): unknown[] => random.some(3, () => sampler.value(every));
  const call = (stub: Stub, name: string, ...args: readonly unknown[]): ReturnType<Stub[string]> => {
    const method = stub[name];
    if (method === undefined) throw new Error(`no ${name}`);
    return method(...args);
  };
  const group = (stub: Stub): Stub => stub.group as unknown as Stub;

  it("comes through streams of all kinds, rest parameters, overloads, groups and events", () =>
    seeded(async () => {
      for (let i = 0; i < times(60); i++) {
        const list = values();
        expectSame(await collect(call(mirror.stub, "download", list)), list);
        expectSame(await call(mirror.stub, "upload", streamOf(...list)), list);
        expectSame(await collect(call(mirror.stub, "talk", streamOf(...list))), list);
        expectSame(await call(mirror.stub, "many", "first", ...list), list);
        const one = sampler.value(every);
        expectSame(await call(group(mirror.stub), "echo", one), one);
        const either = sampler.value(overloads as Shape);
        expectSame(await call(mirror.stub, "pick", either), either);
        mirror.instead = { value: [one, i] };
        expectSame(await collect(call(mirror.stub, "on", "changed")), [[one, i]]);
        mirror.instead = undefined;
      }
    }));

  it("may lack what may be undefined, whoever sends it", async () => {
    for (const needed of [{ name: "a" }, { value: undefined, name: "a" }, { name: "a", value: 1 }]) {
      for (const stub of [mirror.stub, mirror.looseStub]) expectSame(await call(stub, "echo", { needed }), { needed });
      expectSame(await call(mirror.stubOfLoose, "echo", { needed }), { needed });
    }
    for (const trailing of [[1], [1, undefined], [1, "a"], [1, undefined, undefined], [1, "a", 2]]) {
      for (const stub of [mirror.stub, mirror.looseStub]) expectSame(await call(stub, "echo", { trailing }), { trailing });
      expectSame(await call(mirror.stubOfLoose, "echo", { trailing }), { trailing });
    }
  });

  it("is refused in arguments of every form, on both sides, with the path of what is wrong", () =>
    seeded(async () => {
      for (let i = 0; i < times(60); i++) {
        const list = values();
        const { value, path, how, isUnsendable = false } = spoiler.spoil(every, sampler.value(every));
        const none = spoiler.spoil(overloads as Shape, sampler.value(overloads as Shape));
        const start = `${EveryType.name}.pick: ${formatPath(["value", ...none.path])}: expected `;
        expect((await failureOf(call(mirror.stub, "pick", none.value))).message.slice(0, start.length), none.how).to.equal(start);
        const stubs = isUnsendable ? ["stub" as const] : ["stub" as const, "looseStub" as const];
        for (const which of stubs) {
          const sent = which === "stub" ? value : asOnWire(value);
          const before = which === "stub" ? list : (asOnWire(list) as unknown[]);
          const stub = mirror[which];
          const expected = (method: string, at: readonly (string | number)[], what = ""): string =>
            `${EveryType.name}${method}: ${what}${formatPath(at)}: expected `;
          const refused = async (made: Promise<unknown>, text: string): Promise<void> => {
            const error = await failureOf(made);
            expect(error, `${how}, ${which}`).to.include({ code: "INVALID_ARGUMENT" });
            expect(error.message.slice(0, text.length), `${how}, ${which}`).to.equal(text);
          };
          await refused(
            collect(call(stub, "download", [...before, sent])),
            expected(".download", ["values", list.length, ...path]),
          );
          const inStream = "an item of the stream: ";
          await refused(call(stub, "upload", streamOf(...before, sent)), expected(".upload", path, inStream));
          await refused(collect(call(stub, "talk", streamOf(...before, sent))), expected(".talk", path, inStream));
          await refused(call(stub, "many", "first", ...before, sent), expected(".many", ["rest", list.length, ...path]));
          await refused(call(group(stub), "echo", sent), expected(".group.echo", ["value", ...path]));
        }
      }
    }));

  it("is refused in answers of every form, on both sides, after the items before it", () =>
    seeded(async () => {
      for (let i = 0; i < times(40); i++) {
        const { value, path, how, isUnsendable = false } = spoiler.spoil(every, sampler.value(every));
        for (const which of isUnsendable ? (["stub"] as const) : (["stub", "stubOfLoose"] as const)) {
          // A server that knows no types takes a bigint for a number where it came as an integer.
          const list = which === "stub" ? values() : [];
          const bad = which === "stub" ? value : asOnWire(value);
          const refused = (error: unknown, what: string, at = path): void => {
            const text = `${what} does not fit the contract: ${formatPath(at)}: expected `;
            expect(error, how).to.include({ code: "INTERNAL", executed: "yes" });
            expect(which === "stub" ? mirror.logged.text : (error as Error).message, how).to.include(text);
            mirror.logged.text = "";
          };
          mirror.instead = { value: bad };
          for (const method of ["download", "talk"]) {
            const sent = method === "talk" ? streamOf(...list) : list;
            const { items, error } = await drain(call(mirror[which], method, sent));
            expectSame(items, list);
            refused(error, "an item");
          }
          refused(await failureOf(call(group(mirror[which]), "echo", {})), "the result");
          mirror.instead = { value: [bad] };
          refused(await failureOf(call(mirror[which], "upload", streamOf())), "the result", [0, ...path]);
          refused(await failureOf(call(mirror[which], "many", "first")), "the result", [0, ...path]);
          mirror.instead = { value: [bad, 1] };
          refused((await drain(call(mirror[which], "on", "changed"))).error, "an item", ["value", ...path]);
        }
      }
    }));
});
