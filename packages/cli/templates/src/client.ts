import { createClient, FarcallError } from "@farcall/client";
import { Inventory } from "./gen/inventory.js";

const client = createClient(process.env.INVENTORY_URL ?? "ws://127.0.0.1:7070");
const inventory = client.service(Inventory);

try {
  console.log(await inventory.take("tea", 2), "units of tea left");

  for await (const { sku, units } of inventory.list()) console.log(`${sku}: ${units}`);

  await inventory.take("coffee", 5);
} catch (error) {
  if (!(error instanceof FarcallError)) throw error;
  // `executed` says whether the handler ran: "no" is proof that it did not, so the call can be sent again.
  console.log(`${error.code}, executed: ${error.executed}: ${error.message}`);
} finally {
  await client.close();
}
