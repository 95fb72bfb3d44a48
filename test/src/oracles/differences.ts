/** What a description and our validators are known to disagree about, and why. */
export interface Differences {
  readonly name: string;
  /** How many values to begin with; three mutations are made of each. */
  readonly bases: number;
  /** The difference, and why it is none of meaning. Each occurs; any other fails the run. */
  readonly differences: Readonly<Record<string, string>>;
  /** What is too rare to be met by chance. */
  readonly examples: readonly (readonly [type: string, value: unknown])[];
}

const integer = {
  "only we accept: an integer": "TypeScript's number is any; `@type int32` says more, and no such comment is there",
};
const bounds = { "only we accept: a bound, length or pattern": "no constraint tag is in the types" };
const closed = {
  "only we accept: no further properties":
    "what is not declared is passed over, and does not travel; `unknownKeys: reject` refuses it",
};
const several = { "only we accept: several of these at once": "more than one of the reasons here, in one value" };
const any = {
  "only we accept: that something of any form is an object, or is there at all":
    "the types say any or unknown: `undefined` is one, and to be missing is to be undefined",
};

/** In the order of `descriptions`. */
export const differencesOf: readonly Differences[] = [
  {
    name: "devtools-protocol",
    bases: 1_000,
    differences: {
      ...integer,
      ...any,
      ...several,
      "only they accept: parts that are not described":
        "headers are described as objects, and nothing more; the types know that they hold strings",
    },
    examples: [
      ["Network.setExtraHTTPHeaders argument", { headers: { a: 1 } }],
      [
        "Runtime.awaitPromise result",
        {
          result: { type: "object" },
          exceptionDetails: { exceptionId: 0.5, text: "a", lineNumber: 1, columnNumber: 1, exceptionMetaData: "none" },
        },
      ],
    ],
  },
  {
    name: "@agentclientprotocol/sdk",
    bases: 1_000,
    differences: {
      ...integer,
      ...bounds,
      ...any,
      ...several,
      "only we accept: what it is not": "the types have no form for `not`; the generator of this package leaves it out",
    },
    examples: [
      ["asClientResponse argument", { id: 1, error: [] }],
      ["asInitializeRequest argument", { protocolVersion: -0.5 }],
    ],
  },
  {
    name: "@octokit/webhooks-types",
    bases: 350,
    differences: {
      ...integer,
      ...bounds,
      ...closed,
      ...several,
      "only we accept: exactly one of several":
        "a value may be of several arms of a union, and then all that any declares travels",
    },
    examples: [],
  },
  {
    name: "@modelcontextprotocol/sdk",
    bases: 800,
    differences: {
      ...integer,
      ...bounds,
      ...closed,
      ...any,
      ...several,
      "only we accept: a check in code": "a refinement, such as that a string is base64; the types say string",
      "only they accept: what its parser fills in": "a default: the types are those of what comes out of the parser",
      "only they accept: a list as an object of any form":
        "`object` and `{}` are objects of any properties here, and lists are refused: FC1205 says so",
    },
    examples: [
      ["asPingRequest argument", { method: "ping", params: { _meta: { progressToken: 0.5 } } }],
      ["asSamplingMessageContentBlock argument", { type: "tool_result", toolUseId: "a" }],
      [
        "asInitializeResult argument",
        { protocolVersion: "1", capabilities: { logging: [] }, serverInfo: { name: "a", version: "1" } },
      ],
    ],
  },
];
