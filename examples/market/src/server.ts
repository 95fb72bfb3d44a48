// The server process. On its own: node examples/market/dist/server.js
import { createServer } from "@farcall/server";
import { Book } from "./book.js";
import { Prices } from "./gen/market.js";
import { pricesFrom } from "./prices.js";
import { whenToldToStop } from "./process.js";

const server = createServer({ drainTimeoutMs: 5_000 });
server.implement(Prices, pricesFrom(Book.read()));
const { url } = await server.listen();
if (process.send === undefined) console.log(`listening on ${url}`);
else process.send({ url });

whenToldToStop(() => server.drain());
