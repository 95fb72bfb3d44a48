import { files, readText } from "./files.js";
import type { Day } from "./market.js";

/** What the data says of one symbol on one day. */
export interface Fact {
  readonly symbol: string;
  readonly date: Date;
  readonly price: number;
  readonly volume?: number;
}

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/**
 * What the checks hold answers against. Read from the files on its own, line by line: a mistake in the server's reading
 * must not make a wrong answer look right.
 */
export const stockFacts: readonly Fact[] = lines(files.stocks, "symbol,date,price").map(([symbol = "", date = "", price]) => {
  const [month = "", day, year] = date.split(" ");
  return { symbol, date: new Date(Date.UTC(Number(year), months.indexOf(month), Number(day))), price: Number(price) };
});

export const indexFacts: readonly Day[] = lines(files.index, "date,open,high,low,close,adjclose,volume").map((cells) => {
  const [date, open, high, low, close, , volume] = cells;
  const [year, month, day] = (date ?? "").split("-").map(Number);
  return {
    date: new Date(Date.UTC(year ?? Number.NaN, (month ?? Number.NaN) - 1, day)),
    open: Number(open),
    high: Number(high),
    low: Number(low),
    close: Number(close),
    volume: Number(volume),
  };
});

/** Everything the data says of one symbol, oldest first. */
export function factsOf(symbol: string): readonly Fact[] {
  if (symbol !== "SP500") return stockFacts.filter((fact) => fact.symbol === symbol);
  return indexFacts.map(({ date, close, volume }) => ({ symbol, date, price: close, volume }));
}

export const stocks: readonly string[] = [...new Set(stockFacts.map((fact) => fact.symbol))];

function lines(path: string, header: string): string[][] {
  const [first, ...rest] = readText(path).trim().split(/\r?\n/);
  if (first !== header) throw new Error(`${path} has other columns than expected: ${first}`);
  return rest.map((line) => line.split(","));
}
