import { parse } from "csv-parse/sync";
import { files, readText } from "./files.js";

/** One price of one symbol. */
export interface Entry {
  readonly date: Date;
  readonly price: number;
}

/** All prices the server knows, by symbol, each list in the order of its dates. */
export class Book {
  readonly #entries = new Map<string, Entry[]>();

  /** Reads the data files. */
  static read(): Book {
    const book = new Book();
    for (const row of rows(files.stocks))
      book.#add(field(row, "symbol"), { date: monthDay(field(row, "date")), price: number(row, "price") });
    for (const entries of book.#entries.values()) entries.sort((a, b) => a.date.getTime() - b.date.getTime());
    return book;
  }

  /** Every entry of a symbol, oldest first; `undefined` when the symbol is not known. */
  entries(symbol: string): readonly Entry[] | undefined {
    return this.#entries.get(symbol);
  }

  #add(symbol: string, entry: Entry): void {
    const entries = this.#entries.get(symbol);
    if (entries === undefined) this.#entries.set(symbol, [entry]);
    else entries.push(entry);
  }
}

type Row = Readonly<Record<string, string | undefined>>;

function rows(path: string): Row[] {
  return parse(readText(path), { columns: true, skip_empty_lines: true }) as Row[];
}

function field(row: Row, name: string): string {
  const text = row[name];
  if (text === undefined) throw new Error(`the data has a row without ${name}: ${JSON.stringify(row)}`);
  return text;
}

function number(row: Row, name: string): number {
  const value = Number(field(row, name));
  if (!Number.isFinite(value)) throw new Error(`the data has a row whose ${name} is no number: ${JSON.stringify(row)}`);
  return value;
}

/** `Mar 1 2000`, read as a day in UTC so that no time zone moves it. */
function monthDay(text: string): Date {
  const date = new Date(`${text} UTC`);
  if (Number.isNaN(date.getTime())) throw new Error(`the data has a date that is none: ${text}`);
  return date;
}
