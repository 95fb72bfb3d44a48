// A server process: node server.js [name] [port] [journal]. On its own: node examples/market/dist/server.js
import { createServer, drainOnSignals } from "@farcall/server";
import { Book } from "./book.js";
import { corruptDesk, corruptPrices, parseFault } from "./corrupt.js";
import { deskOn } from "./desk.js";
import { Desk, Prices } from "./gen/market.js";
import { Journal } from "./journal.js";
import { pricesFrom } from "./prices.js";
import { whenParentIsGone } from "./process.js";

const [name = "", port = "0", path] = process.argv.slice(2);
const book = Book.read();
const { MARKET_CORRUPT } = process.env;
const fault = parseFault(MARKET_CORRUPT);
const journal = path === undefined ? undefined : new Journal(name, path);

const prices = corruptPrices(pricesFrom(book), fault);
const desk = corruptDesk(deskOn(book), fault);
const server = createServer({ port: Number(port), drainTimeoutMs: 5_000 });
server.implement(Prices, journal?.of(prices) ?? prices);
server.implement(Desk, journal?.of(desk) ?? desk);
// At SIGTERM: take no more calls, finish those under way, send the clients elsewhere, exit.
drainOnSignals(server);
whenParentIsGone(() => process.kill(process.pid, "SIGTERM"));

const { url, port: listening } = await server.listen();
if (process.send === undefined) console.log(`listening on ${url}`);
else process.send({ url, port: listening });
