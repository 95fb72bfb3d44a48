import { type DnsOptions, dnsResolver } from "@farcall/client";
import { FakeClock } from "@farcall/testing";
import { expect } from "chai";

describe("dnsResolver, given what makes no sense", () => {
  const targets: readonly (readonly [target: string, says: string])[] = [
    ["dns://inventory.example", "names no port; add it (dns://inventory.example:7070), or ?type=srv if SRV records tell it"],
    ["dns://inventory.example:0", "names port 0, where nobody can be reached"],
    ["dns://inventory.example:65536", "is not a host, or not a host and a port; write something like dns://"],
    ["dns://inventory.example:http", "is not a host, or not a host and a port"],
    ["dns://inventory.example:-1", "is not a host, or not a host and a port"],
    ["dns://", "is not a host, or not a host and a port"],
    ["dns://:7070", "is not a host, or not a host and a port"],
    ["dns:///inventory.example:7070", "has no host; write something like dns://inventory.example:7070, with two slashes"],
    ["dns://8.8.8.8/inventory.example:7070", "names no port"],
    ["dns://a b:7070", "is not a host, or not a host and a port"],
    ["dns://a.example:7070,b.example:7070", "is not a host, or not a host and a port"],
    ["dns://a.example,b.example:7070", "has a comma: one name stands for all its addresses; make a client for each name"],
    ["dns://me:secret@inventory.example:7070", "credentials do not belong into a URL; they end up in logs"],
    ["dns://inventory.example:7070#a", "has a fragment, which means nothing here"],
    ["dns://inventory.example:7070?tls=true", "has a parameter tls; known are type, family, secure"],
    ["dns://inventory.example:7070?__proto__=1", "has a parameter __proto__; known are"],
    ["dns://inventory.example:7070?toString=1", "has a parameter toString; known are"],
    ["dns://inventory.example:7070?secure", "has secure=; it may be true or false"],
    ["dns://inventory.example:7070?secure=yes", "has secure=yes; it may be true or false"],
    ["dns://inventory.example:7070?family=4&family=6", "has the parameter family twice"],
    ["dns://inventory.example:7070?family=5", "has family=5; it may be 4 or 6"],
    ["dns://inventory.example:7070?type=mx", "has type=mx; it may be srv"],
    ["dns://inventory.example:7070?type=srv", "names a port, but SRV records bring their own; leave it out"],
    ["dns://_farcall._tcp.inventory.example:7070", "names a port, but SRV records bring their own; leave it out"],
    ["dns://10.0.0.1?type=srv", "asks for the SRV records of an address; they belong to names"],
  ];
  for (const [target, says] of targets) {
    it(`row 70: refuses ${target}: ${says}`, () => {
      const clock = new FakeClock();
      const make = () => dnsResolver().resolver(target, { clock, random: Math.random });
      expect(make).to.throw(TypeError, says);
      expect(make).to.throw(target.includes("secret") ? "createClient:" : JSON.stringify(target));
      expect(clock.pendingTimers).to.equal(0);
    });
  }

  const options: readonly (readonly [given: unknown, error: typeof TypeError | typeof RangeError, says: string])[] = [
    [null, TypeError, "options must be an object, got null"],
    [5, TypeError, "options must be an object, got 5"],
    [
      { server: "127.0.0.1" },
      TypeError,
      "dnsResolver: options.server is not an option; known are servers, intervalMs, timeoutMs",
    ],
    [{ servers: "127.0.0.1" }, TypeError, 'servers must be an array of addresses such as ["127.0.0.1:5353"], got "127.0.0.1"'],
    [{ servers: [] }, TypeError, "servers must be an array of addresses"],
    [{ servers: [5] }, TypeError, "servers[0] must be an IP address with or without a port, got 5"],
    [
      { servers: ["127.0.0.1", "dns.example"] },
      TypeError,
      'servers[1] must be an IP address with or without a port, got "dns.example"',
    ],
    [{ servers: ["127.0.0.1:65536"] }, TypeError, "servers[0] must be an IP address"],
    [{ intervalMs: 999 }, RangeError, "intervalMs must be at least 1000, to spare the DNS servers; got 999"],
    [{ intervalMs: 0 }, RangeError, "intervalMs must be greater than 0"],
    [{ intervalMs: Number.NaN }, RangeError, "intervalMs must be greater than 0"],
    [{ intervalMs: Number.POSITIVE_INFINITY }, RangeError, "intervalMs must be greater than 0 and finite"],
    [{ intervalMs: "30s" }, TypeError, "intervalMs must be a number of milliseconds"],
    [{ timeoutMs: -1 }, RangeError, "timeoutMs must be greater than 0"],
  ];
  for (const [given, error, says] of options) {
    it(`row 70: refuses options with a ${error.name}: ${says}`, () => {
      expect(() => dnsResolver(given as DnsOptions)).to.throw(error, says);
    });
  }
});
