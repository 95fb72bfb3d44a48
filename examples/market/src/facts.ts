import { files, readText } from "./files.js";

/** A line of the stocks file. */
export interface StockFact {
  readonly symbol: string;
  readonly date: Date;
  readonly price: number;
}

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/**
 * What the checks hold answers against. Read from the files on its own, line by line: a mistake in the server's reading
 * must not make a wrong answer look right.
 */
export const stockFacts: readonly StockFact[] = lines(files.stocks, "symbol,date,price").map((cells) => {
  const [symbol = "", date = "", price = ""] = cells;
  const [month = "", day, year] = date.split(" ");
  return { symbol, date: new Date(Date.UTC(Number(year), months.indexOf(month), Number(day))), price: Number(price) };
});

function lines(path: string, header: string): string[][] {
  const [first, ...rest] = readText(path).trim().split(/\r?\n/);
  if (first !== header) throw new Error(`${path} has other columns than expected: ${first}`);
  return rest.map((line) => line.split(","));
}
