// The client process: calls everything and holds each answer against the data. On its own: node client.js <url>
import { createClient } from "@farcall/client";
import { errorsCheck } from "./checks/errors.js";
import { historyCheck } from "./checks/history.js";
import { importCheck } from "./checks/import.js";
import { ordersCheck } from "./checks/orders.js";
import { quoteCheck } from "./checks/quote.js";
import { Desk, Prices } from "./gen/market.js";
import { leaveWithReader, whenParentIsGone } from "./process.js";
import { bold, green, red, report } from "./report.js";

const [url] = process.argv.slice(2);
if (url === undefined) {
  console.error("usage: node client.js <url of the server>");
  process.exit(2);
}

const client = createClient(url, { timeoutMs: 5_000 });
// Nobody wants the rest of the report any more.
whenParentIsGone(() => process.exit(1));
leaveWithReader();
await client.ready({ timeoutMs: 5_000 });
const prices = client.service(Prices);
const desk = client.service(Desk);

const failed = await report([
  quoteCheck(prices),
  historyCheck(prices),
  importCheck(prices),
  ordersCheck(desk),
  errorsCheck(prices),
]);
await client.close();

console.log(bold(failed.length === 0 ? green("every answer is right") : red(`wrong: ${failed.join(", ")}`)));
process.exitCode = failed.length === 0 ? 0 : 1;
