import type { Card, Order, Transfer, Voucher } from "./contract.js";

const card: Card = { kind: "card", number: "4111111111111111", month: 7, year: 2_031 };
const transfer: Transfer = { kind: "transfer", iban: "DE89370400440532013000", bic: null };
const voucher: Voucher = { kind: "voucher", codes: ["A-1", "B-2"], remaining: 12.5 };
const payments = [card, transfer, voucher] as const;

/** Orders that differ in everything but their shape; every third pays by card. */
export const orders: readonly Order[] = Array.from({ length: 60 }, (_, i) => orderOf(i));

function orderOf(i: number): Order {
  return copy({
    id: `order-${100_000 + i}`,
    placed: new Date(1.7e12 + i * 86_400_000).toISOString(),
    currency: (["EUR", "USD", "GBP"] as const)[i % 3] as Order["currency"],
    customer: {
      id: 4_000 + i,
      name: `Customer ${i}`,
      email: `customer-${i}@example.org`,
      address: { street: `Main Street ${i}`, city: "Springfield", zip: `${12_345 + i}`, country: "US" },
    },
    items: Array.from({ length: 5 }, (_, n) => ({
      sku: `SKU-${i}-${n}`,
      units: 1 + ((i + n) % 1_000),
      price: 19.99 + i / 7 + n,
      ...(n % 2 === 0 ? { discount: n / 10 } : {}),
    })),
    payment: payments[i % payments.length] as Order["payment"],
    labels: { campaign: `spring-${i % 4}`, channel: "web", warehouse: `w${i % 9}` },
    isGift: i % 2 === 0,
    ...(i % 4 === 0 ? { note: "Please leave it with the neighbours if nobody is at home." } : {}),
  });
}

/** As they come off a wire: read from text, no two parts shared. */
function copy(order: Order): Order {
  return JSON.parse(JSON.stringify(order)) as Order;
}

/** One way to spoil an order. */
interface Fault {
  readonly name: string;
  readonly spoil: (order: Loose) => void;
}

// biome-ignore lint/suspicious/noExplicitAny: faults reach into orders as no type allows
type Loose = any;

/** Those that are timed. */
export const faults = [
  { name: "wrong leaf", spoil: (order) => (order.items[3].price = "12") },
  { name: "missing key", spoil: (order) => delete order.customer.address.zip },
  {
    name: "wrong arm",
    spoil: (order) => (order.payment = { ...payments[0], kind: "transfer" }),
  },
] as const satisfies readonly Fault[];

/** Those on which the contenders have to agree besides. */
const moreFaults: readonly Fault[] = [
  { name: "an unknown tag", spoil: (order) => (order.payment.kind = "cash") },
  { name: "no tag", spoil: (order) => delete order.payment.kind },
  { name: "a fraction for a count", spoil: (order) => (order.items[0].units = 1.5) },
  { name: "a count of nothing", spoil: (order) => (order.items[4].units = 0) },
  { name: "a count too large", spoil: (order) => (order.items[4].units = 1_001) },
  { name: "a negative price", spoil: (order) => (order.items[2].price = -0.01) },
  { name: "a short sku", spoil: (order) => (order.items[1].sku = "ab") },
  { name: "a long sku", spoil: (order) => (order.items[1].sku = "x".repeat(33)) },
  { name: "null for an optional", spoil: (order) => (order.note = null) },
  { name: "null for an object", spoil: (order) => (order.customer = null) },
  { name: "an array for an object", spoil: (order) => (order.customer = []) },
  { name: "an object for an array", spoil: (order) => (order.items = {}) },
  { name: "a hole in an array", spoil: (order) => (order.items[2] = undefined) },
  { name: "a number in a record", spoil: (order) => (order.labels.other = 1) },
  { name: "an unknown currency", spoil: (order) => (order.currency = "eur") },
  { name: "a number for a boolean", spoil: (order) => (order.isGift = 1) },
];

/** Changes that leave an order valid. */
const liberties: readonly Fault[] = [
  { name: "no items", spoil: (order) => (order.items = []) },
  { name: "no labels", spoil: (order) => (order.labels = {}) },
  { name: "a property nobody declared", spoil: (order) => (order.customer.vip = true) },
  { name: "bounds met exactly", spoil: (order) => Object.assign(order.items[0], { units: 1_000, price: 0, sku: "abc" }) },
];

export function spoilt(fault: Fault): readonly unknown[] {
  return orders.map((order) => {
    const copied = copy(order);
    fault.spoil(copied);
    return copied;
  });
}

/** Values, and whether they are orders, on which every contender has to agree before anything is timed. */
export const verdicts: readonly { readonly what: string; readonly value: unknown; readonly isValid: boolean }[] = [
  ...orders.map((value, i) => ({ what: `order ${i}`, value, isValid: true })),
  ...liberties.flatMap((liberty) => spoilt(liberty).map((value) => ({ what: liberty.name, value, isValid: true }))),
  ...[...faults, ...moreFaults].flatMap((fault) => spoilt(fault).map((value) => ({ what: fault.name, value, isValid: false }))),
  ...[null, undefined, 0, "order", true, [], {}, [orders[0]]].map((value) => ({ what: "something else", value, isValid: false })),
];
