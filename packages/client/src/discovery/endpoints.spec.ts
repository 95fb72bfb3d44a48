import { expect } from "chai";
import { parseEndpoints } from "./endpoints.js";

const url = "ws://a:1";

/** What is given, the kind of error, and what its message must say. */
const rubbish: readonly (readonly [given: unknown, error: typeof TypeError | typeof RangeError, says: string])[] = [
  [undefined, TypeError, "list must be an array of endpoints, got undefined"],
  [null, TypeError, "list must be an array of endpoints, got null"],
  ["ws://a:1", TypeError, 'list must be an array of endpoints, got "ws://a:1"'],
  [{ 0: url, length: 1 }, TypeError, "list must be an array of endpoints, got object"],
  [new Set([url]), TypeError, "list must be an array of endpoints, got object"],
  [[url, null], TypeError, "list[1]: an endpoint must be a URL such as ws://127.0.0.1:7070 or an object with one, got null"],
  [Object.assign([url], { length: 2 }), TypeError, "list[1]: an endpoint must be a URL"],
  [[""], TypeError, 'list[0]: an endpoint must be a URL such as ws://127.0.0.1:7070, got ""'],
  [[[url]], TypeError, "list[0].url: an endpoint must be a URL"],
  [[{}], TypeError, "list[0].url: an endpoint must be a URL such as ws://127.0.0.1:7070, got undefined"],
  [[{ url: new URL(url) }], TypeError, "list[0].url: an endpoint must be a URL such as ws://127.0.0.1:7070, got object"],
  [[{ url: "a:70000:1" }], TypeError, "list[0].url"],
  [["10.0.0.1:7070"], TypeError, 'list: "10.0.0.1:7070" is not a URL; did you mean ws://10.0.0.1:7070?'],
  [["localhost:7070"], TypeError, 'list: there is no scheme in "localhost:7070"; did you mean ws://localhost:7070?'],
  [["http://a:1"], TypeError, 'no resolver knows the scheme http:// of "http://a:1"; did you mean ws://a:1?'],
  [["https://a:1"], TypeError, 'no resolver knows the scheme https:// of "https://a:1"; did you mean wss://a:1?'],
  [["ws//a:1"], TypeError, 'list: "ws//a:1" is not a URL; did you mean ws://a:1?'],
  [["ws://a:99999"], TypeError, 'list: "ws://a:99999" is not a URL; write something like ws://127.0.0.1:7070'],
  [["ws://a:-1"], TypeError, 'list: "ws://a:-1" is not a URL'],
  [["ws://a:0"], TypeError, 'list: nobody can be reached at port 0 of "ws://a:0"'],
  [["ws://me:secret@a:1"], TypeError, "list[0]: credentials do not belong into a URL; they end up in logs"],
  [["ws://a:1/#b"], TypeError, 'list: "ws://a:1/#b" has a fragment, which means nothing here'],
  [[{ url, weight: 0 }], RangeError, "list[0].weight must be greater than 0 and finite, got 0"],
  [[{ url, weight: -1 }], RangeError, "list[0].weight must be greater than 0 and finite, got -1"],
  [[{ url, weight: Number.NaN }], RangeError, "list[0].weight must be greater than 0 and finite, got NaN"],
  [[{ url, weight: Number.POSITIVE_INFINITY }], RangeError, "list[0].weight must be greater than 0 and finite, got Infinity"],
  [[{ url, weight: "1" }], TypeError, 'list[0].weight must be a number, got "1"'],
  [[{ url, id: "" }], TypeError, 'list[0].id must be a text that is not empty, got ""'],
  [[{ url, id: 1 }], TypeError, "list[0].id must be a text that is not empty, got 1"],
  [[{ url, zone: null }], TypeError, "list[0].zone must be a text that is not empty, got null"],
  [[{ url, serverName: 5 }], TypeError, "list[0].serverName must be a text that is not empty, got 5"],
  [[{ url, metadata: null }], TypeError, "list[0].metadata must be an object of texts, got null"],
  [[{ url, metadata: ["v2"] }], TypeError, "list[0].metadata must be an object of texts, got an array"],
  [[{ url, metadata: { version: 2 } }], TypeError, "list[0].metadata.version must be a text, got 2"],
  [[url, "ws://b:1", url], TypeError, "list: ws://a:1 is listed twice, at 0 and 2"],
  [[url, { url: "WS://A:1/" }], TypeError, "list: WS://A:1/ is listed twice, at 0 and 1"],
  [
    [
      { url, id: "x" },
      { url: "ws://b:1", id: "x" },
    ],
    TypeError,
    'list: the id "x" is given twice, at 0 and 1',
  ],
  [[{ url, id: "ws://b:1" }, "ws://b:1"], TypeError, 'list: the id "ws://b:1" is given twice, at 0 and 1'],
];

describe("parseEndpoints", () => {
  for (const [given, error, says] of rubbish) {
    it(`row 70: refuses with a ${error.name}: ${says}`, () => {
      expect(() => parseEndpoints(given, "list")).to.throw(error, says);
    });
  }

  it("fills in what is not said", () => {
    expect(parseEndpoints([url, { url: "wss://b/rpc" }], "list")).to.deep.equal([
      { url, id: url, weight: 1, zone: undefined, serverName: undefined, metadata: {} },
      { url: "wss://b/rpc", id: "wss://b/rpc", weight: 1, zone: undefined, serverName: undefined, metadata: {} },
    ]);
  });

  it("takes over what is said", () => {
    const given = { url, id: "pod-1", weight: 0.5, zone: "eu-1a", serverName: "inventory.example", metadata: { version: "2" } };
    expect(parseEndpoints([given], "list")).to.deep.equal([given]);
  });

  it("answers with copies that nobody can change", () => {
    const metadata: Record<string, string> = { version: "1" };
    const list = parseEndpoints([{ url, metadata }], "list");
    metadata.version = "2";
    expect(list[0]?.metadata).to.deep.equal({ version: "1" });
    for (const one of [list, list[0], list[0]?.metadata]) expect(one).to.be.frozen;
  });

  it("takes an empty list for what it is", () => {
    expect(parseEndpoints([], "list")).to.deep.equal([]);
  });

  it("looks over fields that it does not know, unless it is told to be strict", () => {
    const given = [{ url, wieght: 2 }];
    expect(parseEndpoints(given, "list")).to.have.length(1);
    expect(() => parseEndpoints(given, "list", { isStrict: true })).to.throw(TypeError, "list[0].wieght is not an option");
  });

  it("lets any scheme pass where the caller dials by other means", () => {
    expect(parseEndpoints(["memory://a"], "list", { schemes: "any" })).to.have.length(1);
  });

  it("is not led astray by what JSON can hold", () => {
    const [endpoint] = parseEndpoints(JSON.parse('[{ "url": "ws://a:1", "metadata": { "__proto__": "x" } }]'), "list");
    expect(Object.getPrototypeOf(endpoint?.metadata)).to.equal(Object.prototype);
    expect(Object.keys(endpoint?.metadata ?? {})).to.deep.equal(["__proto__"]);
  });
});
