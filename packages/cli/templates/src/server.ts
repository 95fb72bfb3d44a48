import { createServer, drainOnSignals, FarcallError } from "@farcall/server";
import { Inventory } from "./gen/inventory.js";

const shelf = new Map([
  ["tea", 12],
  ["coffee", 3],
]);

function unitsOf(sku: string): number {
  const units = shelf.get(sku);
  if (units === undefined) throw new FarcallError("NOT_FOUND", `no sku ${sku}`);
  return units;
}

const server = createServer({ port: Number(process.env.PORT ?? 7070) });

server.implement(Inventory, {
  stock(sku) {
    return unitsOf(sku);
  },
  take(sku, units) {
    const left = unitsOf(sku) - units;
    if (left < 0) throw new FarcallError("FAILED_PRECONDITION", `only ${unitsOf(sku)} units of ${sku}`);
    shelf.set(sku, left);
    return left;
  },
  async *list() {
    for (const [sku, units] of shelf) yield { sku, units };
  },
});

const { url } = await server.listen();
console.log(`listening on ${url}`);

// Ctrl-C finishes the calls that run, sends new ones elsewhere, and ends the process.
drainOnSignals(server);
