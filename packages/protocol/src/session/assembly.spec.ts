import { expect } from "chai";
import { systemClock } from "../clock.js";
import { ProtocolError } from "../close-code.js";
import { DeadlineWheel } from "../deadline-wheel.js";
import { fixedLimits } from "../limits.js";
import { Assemblies, type AssemblyEvents } from "./assembly.js";

const MiB = 1024 * 1024;
const nobody: AssemblyEvents = { whole() {}, stalled() {} };

function assembliesOf(maxMessageBytes: number): Assemblies {
  return new Assemblies(maxMessageBytes, new DeadlineWheel(systemClock));
}

describe("unfinished messages", () => {
  it("cost the process what has come of them, not what was announced: announcements take nobody's room", () => {
    const maxMessageBytes = 40 * MiB;
    const hostile = Array.from({ length: 2 }, () => assembliesOf(maxMessageBytes));
    const healthy = assembliesOf(maxMessageBytes);
    let received = 0;
    try {
      for (const assemblies of hostile) {
        for (let id = 1; id <= fixedLimits.transfers; id++) {
          expect(assemblies.begin(id, maxMessageBytes, nobody), `announcement ${id}`).to.equal(true);
        }
      }
      expect(
        healthy.begin(1, 3, {
          ...nobody,
          whole: (payload) => {
            received = payload.end - payload.start;
          },
        }),
        "room for somebody else",
      ).to.equal(true);
      // `bin 8` of one byte.
      healthy.add(1, new Uint8Array([0xc4, 1, 7]));
      expect(received).to.equal(3);
    } finally {
      for (const assemblies of [...hostile, healthy]) assemblies.clear();
    }
  });

  it("are refused when what has come of all of them leaves no room, until some of it has gone", () => {
    // So that the room of the process is what is left above one large message.
    const maxMessageBytes = 260 * MiB;
    const full = assembliesOf(maxMessageBytes);
    const next = assembliesOf(maxMessageBytes);
    full.begin(1, maxMessageBytes, nobody);
    full.add(1, new Uint8Array(64 * 1024));
    expect(next.begin(1, maxMessageBytes, nobody), "beside 64 KiB").to.equal(false);
    expect(next.begin(1, maxMessageBytes - 64 * 1024, nobody), "exactly what is left").to.equal(true);
    next.drop(1);
    full.clear();
    expect(next.begin(1, maxMessageBytes, nobody), "alone").to.equal(true);
    next.clear();
  });

  it("are not forgotten for one that nobody will read: what had come of them would count for ever", () => {
    const maxMessageBytes = 260 * MiB;
    const assemblies = assembliesOf(maxMessageBytes);
    assemblies.begin(1, maxMessageBytes, nobody);
    assemblies.add(1, new Uint8Array(64 * 1024));
    expect(() => assemblies.skip(1, 4)).to.throw(ProtocolError, "within a message");
    assemblies.clear();
    expect(assemblies.begin(1, maxMessageBytes, nobody), "alone").to.equal(true);
    assemblies.clear();
  });
});
