import { parse } from "csv-parse/sync";
import { files, readText } from "./files.js";
import type { Day } from "./market.js";

/** A row of the stocks file. */
export interface StockRow {
  readonly symbol: string;
  readonly date: Date;
  readonly price: number;
}

/** The stocks file, row by row. */
export function readStocks(): StockRow[] {
  // `Mar 1 2000` is read as a day in UTC, so that no time zone moves it.
  return rows(files.stocks).map((row) => ({
    symbol: text(row, "symbol"),
    date: date(`${text(row, "date")} UTC`),
    price: number(row, "price"),
  }));
}

/** The index file, row by row. */
export function readIndex(): Day[] {
  return rows(files.index).map((row) => ({
    date: date(text(row, "date")),
    open: number(row, "open"),
    high: number(row, "high"),
    low: number(row, "low"),
    close: number(row, "close"),
    volume: number(row, "volume"),
  }));
}

type Row = Readonly<Record<string, string | undefined>>;

function rows(path: string): Row[] {
  return parse<Row>(readText(path), { columns: true, skip_empty_lines: true });
}

function text(row: Row, name: string): string {
  const value = row[name];
  if (value === undefined || value === "") throw new Error(`the data has a row without ${name}: ${JSON.stringify(row)}`);
  return value;
}

function number(row: Row, name: string): number {
  const value = Number(text(row, name));
  if (!Number.isFinite(value)) throw new Error(`the data has a row whose ${name} is no number: ${JSON.stringify(row)}`);
  return value;
}

function date(from: string): Date {
  const value = new Date(from);
  if (Number.isNaN(value.getTime())) throw new Error(`the data has a date that is none: ${from}`);
  return value;
}
