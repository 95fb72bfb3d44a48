import type { LookupAddress } from "node:dns";
import { Socket } from "node:net";
import { expect } from "chai";
import { HandClock } from "../discovery/test-support.spec.support.js";
import { AddressRace, type AddressRaceOptions } from "./address-race.js";

/** An attempt that succeeds or fails when the test says so. */
class Attempt extends Socket {
  readonly to: string;
  keepsAlive = true;

  constructor(address: string) {
    super();
    this.to = address;
  }

  override ref(): this {
    this.keepsAlive = true;
    return this;
  }

  override unref(): this {
    this.keepsAlive = false;
    return this;
  }

  fail(code: string): void {
    this.destroy(new Error(`connect ${code} ${this.to}:7070`));
  }
}

const parse = (address: string): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 });

function dial(addresses: readonly string[], options: Partial<AddressRaceOptions> = {}) {
  const clock = new HandClock();
  const attempts: Attempt[] = [];
  const outcomes: (Error | Socket | undefined)[] = [];
  const one = new AddressRace(
    {
      host: "shop.test",
      port: 7070,
      clock,
      lookup: (_host, done) => done(null, addresses.map(parse)),
      connect: (address) => {
        const attempt = new Attempt(address);
        attempts.push(attempt);
        return attempt;
      },
      ...options,
    },
    (error, socket) => outcomes.push(error ?? socket),
  );
  const attempt = (i: number): Attempt => attempts[i] as Attempt;
  return { race: one, clock, outcomes, attempt, attempts, tried: () => attempts.map(({ to }) => to) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("dialling all addresses of a host", () => {
  for (const [addresses, expected] of [
    [
      ["::1", "::2", "::3", "10.0.0.1"],
      ["::1", "10.0.0.1", "::2", "::3"],
    ],
    [
      ["10.0.0.1", "10.0.0.2", "::1", "::2", "::3"],
      ["10.0.0.1", "::1", "10.0.0.2", "::2", "::3"],
    ],
    [
      ["10.0.0.1", "10.0.0.1", "10.0.0.2"],
      ["10.0.0.1", "10.0.0.2"],
    ],
    [["::1"], ["::1"]],
  ] as const) {
    it(`tries ${addresses.join(", ")} as ${expected.join(", ")}, 250 ms apart`, () => {
      const { race: one, clock, tried } = dial(addresses);
      for (let i = 1; i <= expected.length; i++) {
        expect(tried()).to.deep.equal(expected.slice(0, i));
        clock.advance(249);
        expect(tried()).to.deep.equal(expected.slice(0, i));
        clock.advance(1);
      }
      expect(clock.timers).to.equal(0);
      one.abort();
    });
  }

  it("row 32: does not give an attempt up because the next has begun: the first may still win, and the others are dropped", () => {
    const { clock, outcomes, attempt } = dial(["::1", "10.0.0.1", "10.0.0.2"]);
    clock.advance(400);
    expect(attempt(0).destroyed).to.equal(false);
    attempt(0).emit("connect");
    expect(outcomes).to.deep.equal([attempt(0)]);
    expect([attempt(0).destroyed, attempt(1).destroyed, clock.timers]).to.deep.equal([false, true, 0]);
    attempt(1).emit("connect");
    attempt(0).emit("error", new Error("later, to whoever has it now"));
    expect(outcomes).to.have.lengthOf(1);
    attempt(0).destroy();
  });

  it("tries the next as soon as one has failed, and not again 250 ms later", async () => {
    const { clock, attempt, tried, outcomes } = dial(["::1", "10.0.0.1", "10.0.0.2"]);
    clock.advance(100);
    attempt(0).fail("ECONNREFUSED");
    await turn();
    expect(tried()).to.deep.equal(["::1", "10.0.0.1"]);
    clock.advance(249);
    expect(tried()).to.have.lengthOf(2);
    clock.advance(1);
    expect(tried()).to.have.lengthOf(3);
    attempt(2).fail("EHOSTUNREACH");
    await turn();
    expect(outcomes).to.deep.equal([]);
    attempt(1).emit("connect");
    expect(outcomes).to.deep.equal([attempt(1)]);
    attempt(1).destroy();
  });

  it("names every address and what was wrong with it when none can be reached", async () => {
    const { attempt, outcomes, clock } = dial(["::1", "10.0.0.1"]);
    attempt(0).fail("ECONNREFUSED");
    await turn();
    attempt(1).fail("EHOSTUNREACH");
    await turn();
    expect(outcomes.map(String)).to.deep.equal([
      "AggregateError: no address of shop.test can be reached: connect ECONNREFUSED ::1:7070; connect EHOSTUNREACH 10.0.0.1:7070",
    ]);
    expect(clock.timers).to.equal(0);
  });

  it("says what Node says when there is one address, none, or no such host", async () => {
    const single = dial(["10.0.0.1"]);
    single.attempt(0).fail("ECONNREFUSED");
    await turn();
    expect(single.outcomes.map(String)).to.deep.equal(["Error: connect ECONNREFUSED 10.0.0.1:7070"]);
    expect(dial([]).outcomes.map(String)).to.deep.equal(["Error: shop.test has no address"]);
    const unknown = dial([], { lookup: (_host, done) => done(new Error("getaddrinfo ENOTFOUND shop.test"), []) });
    expect(unknown.outcomes.map(String)).to.deep.equal(["Error: getaddrinfo ENOTFOUND shop.test"]);
  });

  it("leaves no socket and no timer when it is aborted, and does not say that it has ended", async () => {
    const { race: one, clock, attempts, outcomes } = dial(["::1", "10.0.0.1", "10.0.0.2"]);
    clock.advance(250);
    one.abort();
    one.abort();
    await turn();
    expect([attempts.map(({ destroyed }) => destroyed), clock.timers, outcomes]).to.deep.equal([[true, true], 0, []]);
  });

  it("begins nothing when it is aborted before the addresses are known", () => {
    let found: (() => void) | undefined;
    const {
      race: one,
      attempts,
      outcomes,
    } = dial([], {
      lookup: (_host, done) => {
        found = () => done(null, [parse("10.0.0.1")]);
      },
    });
    one.abort();
    found?.();
    expect([attempts, outcomes]).to.deep.equal([[], []]);
  });

  it("keeps the process alive or not, as it was told last, with every attempt, the timer and the socket it ends with", () => {
    const { race: one, clock, attempts, attempt } = dial(["::1", "10.0.0.1", "10.0.0.2"]);
    const alive = (): boolean[] => attempts.map(({ keepsAlive }) => keepsAlive);
    expect([alive(), clock.refs]).to.deep.equal([[true], 1]);
    one.unref();
    expect([alive(), clock.refs]).to.deep.equal([[false], 0]);
    clock.advance(250);
    expect([alive(), clock.refs]).to.deep.equal([[false, false], 0]);
    one.ref();
    expect([alive(), clock.refs]).to.deep.equal([[true, true], 1]);
    one.unref();
    attempt(1).emit("connect");
    expect(attempt(1).keepsAlive).to.equal(false);
    one.ref();
    expect(attempt(1).keepsAlive).to.equal(true);
    attempt(1).destroy();
  });
});
