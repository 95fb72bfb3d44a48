// The server process. On its own: node examples/market/dist/server.js
import { createServer } from "@farcall/server";
import { Book } from "./book.js";
import { corruptDesk, corruptPrices, parseFault } from "./corrupt.js";
import { deskOn } from "./desk.js";
import { Desk, Prices } from "./gen/market.js";
import { pricesFrom } from "./prices.js";
import { whenToldToStop } from "./process.js";

const book = Book.read();
const { MARKET_CORRUPT } = process.env;
const fault = parseFault(MARKET_CORRUPT);

const server = createServer({ drainTimeoutMs: 5_000 });
server.implement(Prices, corruptPrices(pricesFrom(book), fault));
server.implement(Desk, corruptDesk(deskOn(book), fault));
const { url } = await server.listen();
if (process.send === undefined) console.log(`listening on ${url}`);
else process.send({ url });

whenToldToStop(() => server.drain());
