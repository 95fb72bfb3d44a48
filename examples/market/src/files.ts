import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The two files of the npm package vega-datasets that this example trades on. */
export const files = {
  /** `symbol,date,price`: five stocks, one price a month. */
  stocks: locate("stocks.csv"),
  /** `date,open,high,low,close,adjclose,volume`: the S&P 500 index, every trading day from 2000 on. */
  index: locate("sp500-2000.csv"),
};

export function readText(path: string): string {
  return readFileSync(path, "utf8");
}

function locate(name: string): string {
  return fileURLToPath(new URL(`../data/${name}`, import.meta.resolve("vega-datasets")));
}
