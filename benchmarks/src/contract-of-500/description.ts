/** What a contract of 500 methods says, apart from the language it is written in: ten services of fifty methods. */
export interface Description {
  /** Types that every service uses, by the file that declares them. */
  readonly shared: Readonly<Record<string, readonly Definition[]>>;
  readonly services: readonly Service[];
}

export interface Service {
  /** Also the name of its file. */
  readonly name: string;
  readonly types: readonly Definition[];
  readonly methods: readonly Method[];
}

export interface Method {
  readonly name: string;
  readonly doc: string;
  readonly request: string;
  readonly reply: Shape;
  /** Items come back instead of one reply. */
  readonly streams: boolean;
}

export type Shape =
  | "string"
  | "number"
  | "boolean"
  | "bigint"
  | "date"
  | { readonly list: Shape }
  | { readonly recordOf: Shape }
  | { readonly orNull: Shape }
  | { readonly oneOf: readonly string[] }
  /** A type by its name. */
  | { readonly type: string }
  /** One page of a list: the generic type of the contract. */
  | { readonly pageOf: string };

export interface Field {
  readonly name: string;
  readonly shape: Shape;
  readonly optional?: boolean;
}

export type Definition =
  | { readonly name: string; readonly fields: readonly Field[] }
  | { readonly name: string; readonly literals: readonly string[] }
  | { readonly name: string; readonly discriminant: string; readonly arms: Readonly<Record<string, readonly Field[]>> };

const nouns: Readonly<Record<string, string>> = {
  Accounts: "Account Profile Session Device Passkey Consent Membership Invitation Preference Avatar",
  Billing: "Invoice Payment Refund Subscription Plan Coupon CreditNote TaxRate Mandate Dispute",
  Catalog: "Product Variant Bundle Brand Attribute Gallery Review Question Rating Collection",
  Delivery: "Parcel Route Courier Depot Label Manifest Pickup Handover Claim Locker",
  Inventory: "Item Bin Warehouse Reservation Count Transfer Supplier PurchaseOrder Batch Recall",
  Marketing: "Campaign Audience Segment Newsletter Banner Referral Voucher Survey Landing Experiment",
  Orders: "Order Cart Quote Line Shipment Return Exchange Gift Wishlist Template",
  Reporting: "Report Dashboard Widget Metric Alert Export Schedule Annotation Baseline Forecast",
  Staff: "Employee Shift Team Role Absence Contract Timesheet Training Badge Equipment",
  Support: "Ticket Message Macro Queue Agent Escalation Article Category Feedback Callback",
};

/** Every noun takes a run of these, so that no two types look alike. */
const pool: readonly Field[] = [
  { name: "title", shape: "string" },
  { name: "amount", shape: { type: "Money" } },
  { name: "owner", shape: { type: "Person" } },
  { name: "units", shape: "number" },
  { name: "dueAt", shape: "date", optional: true },
  { name: "tags", shape: { list: "string" } },
  { name: "address", shape: { type: "Address" }, optional: true },
  { name: "serial", shape: "bigint" },
  { name: "isOpen", shape: "boolean" },
  { name: "labels", shape: { recordOf: "string" } },
  { name: "priority", shape: { oneOf: ["low", "normal", "high"] } },
  { name: "contacts", shape: { list: { type: "Person" } } },
  { name: "note", shape: { orNull: "string" } },
  { name: "limits", shape: { recordOf: { type: "Money" } }, optional: true },
  { name: "folder", shape: { type: "Folder" } },
  { name: "channel", shape: { type: "Channel" }, optional: true },
  { name: "weights", shape: { list: "number" } },
];

const shared: Description["shared"] = {
  money: [
    { name: "Currency", literals: ["EUR", "USD", "GBP", "JPY", "CHF"] },
    {
      name: "Money",
      fields: [
        { name: "cents", shape: "bigint" },
        { name: "currency", shape: { type: "Currency" } },
      ],
    },
  ],
  people: [
    {
      name: "Address",
      fields: [
        { name: "lines", shape: { list: "string" } },
        { name: "city", shape: "string" },
        { name: "zip", shape: "string" },
        { name: "country", shape: "string", optional: true },
      ],
    },
    {
      name: "Channel",
      discriminant: "kind",
      arms: {
        mail: [{ name: "address", shape: "string" }],
        phone: [
          { name: "number", shape: "string" },
          { name: "extension", shape: "number", optional: true },
        ],
        post: [{ name: "to", shape: { type: "Address" } }],
      },
    },
    {
      name: "Person",
      fields: [
        { name: "id", shape: "string" },
        { name: "name", shape: "string" },
        { name: "reach", shape: { list: { type: "Channel" } } },
        { name: "born", shape: "date", optional: true },
      ],
    },
  ],
  folders: [
    {
      name: "Folder",
      fields: [
        { name: "name", shape: "string" },
        { name: "inside", shape: { list: { type: "Folder" } } },
      ],
    },
    {
      name: "Stamp",
      fields: [
        { name: "at", shape: "date" },
        { name: "by", shape: "string" },
        { name: "version", shape: "number" },
      ],
    },
  ],
};

export const contractOf500: Description = {
  shared,
  services: Object.entries(nouns).map(([name, list], index) => {
    const resources = list.split(" ").map((noun, nth) => resource(noun, index * 10 + nth));
    return { name, types: resources.flatMap(({ types }) => types), methods: resources.flatMap(({ methods }) => methods) };
  }),
};

/** Five methods and the types that only they use. */
function resource(noun: string, nth: number): Pick<Service, "types" | "methods"> {
  const own = Array.from({ length: 5 + (nth % 4) }, (_, i) => pool[(nth * 7 + i * 3) % pool.length] as Field);
  const fields = [...new Map(own.map((field) => [field.name, field])).values()];
  const state = `${noun}State`;
  const id: Field = { name: "id", shape: "string" };
  const types: Definition[] = [
    { name: state, literals: ["draft", "open", noun.toLowerCase(), "closed"] },
    {
      name: noun,
      fields: [id, { name: "state", shape: { type: state } }, ...fields, { name: "changed", shape: { type: "Stamp" } }],
    },
    { name: `Create${noun}`, fields: [{ name: "requestId", shape: "string" }, ...fields] },
    { name: `Get${noun}`, fields: [id, { name: "at", shape: "date", optional: true }] },
    {
      name: `List${noun}s`,
      fields: [
        { name: "state", shape: { list: { type: state } }, optional: true },
        { name: "after", shape: "string", optional: true },
        { name: "limit", shape: "number" },
      ],
    },
    { name: `Change${noun}`, fields: [id, ...fields.map((field) => ({ ...field, optional: true }))] },
    { name: `Watch${noun}s`, fields: [{ name: "ids", shape: { list: "string" } }] },
    {
      name: `Change${noun}Reply`,
      discriminant: "outcome",
      arms: {
        changed: [{ name: "value", shape: { type: noun } }],
        conflict: [
          { name: "current", shape: { type: noun } },
          { name: "fields", shape: { list: "string" } },
        ],
        missing: [id],
      },
    },
    {
      name: `${noun}Event`,
      discriminant: "type",
      arms: {
        created: [{ name: "value", shape: { type: noun } }],
        moved: [id, { name: "from", shape: { type: state } }, { name: "to", shape: { type: state } }],
        deleted: [id, { name: "stamp", shape: { type: "Stamp" } }],
      },
    },
  ];
  const method = (name: string, request: string, reply: Shape, doc: string, streams = false): Method => ({
    name,
    doc,
    request,
    reply,
    streams,
  });
  const methods = [
    method(`create${noun}`, `Create${noun}`, { type: noun }, `Creates one ${noun}; the same requestId creates none again.`),
    method(`get${noun}`, `Get${noun}`, { orNull: { type: noun } }, `The ${noun} of that id, now or at another time.`),
    method(`list${noun}s`, `List${noun}s`, { pageOf: noun }, "One page, the newest first."),
    method(`change${noun}`, `Change${noun}`, { type: `Change${noun}Reply` }, "What is left out stays as it is."),
    method(`watch${noun}s`, `Watch${noun}s`, { type: `${noun}Event` }, "What happens from now on.", true),
  ];
  return { types, methods };
}
