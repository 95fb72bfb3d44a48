import type { Facts } from "./facts.js";
import type { Row } from "./summary.js";

const columns = ["contender", "calls/s", "x floor (min..max)", "p50 us", "p99 us", "CPU us/call client + server"] as const;

/** The figures for a terminal: one block for each load. `titles` says who is who. */
export function formatTable(rows: readonly Row[], titles: ReadonlyMap<string, string>): string {
  const blocks: string[] = [];
  for (const outstanding of new Set(rows.map((row) => row.outstanding))) {
    const lines = rows
      .filter((row) => row.outstanding === outstanding)
      .map((row) => [
        `${row.contender} ${titles.get(row.contender) ?? ""}`.trim(),
        whole(row.callsPerSecond),
        `${row.ratio.median.toFixed(2)} (${row.ratio.min.toFixed(2)}..${row.ratio.max.toFixed(2)})`,
        whole(row.p50Us),
        whole(row.p99Us),
        `${row.clientCpuUs.toFixed(1)} + ${row.serverCpuUs.toFixed(1)}`,
      ]);
    blocks.push(`${outstanding} outstanding\n${align([[...columns], ...lines])}`);
  }
  return blocks.join("\n\n");
}

export function formatFacts(facts: Facts): string {
  const packages = Object.entries(facts.packages).map(([name, version]) => `${name} ${version}`);
  return [
    `${facts.cores} x ${facts.cpu}, load ${facts.loadBefore.toFixed(1)} before, ${facts.platform}`,
    `node ${facts.node}, ${packages.join(", ")}`,
    "two processes per contender on 127.0.0.1, one connection, closed loop, every reply checked; no native addons, no compression",
  ].join("\n");
}

/** First column to the left, figures to the right. */
function align(table: readonly (readonly string[])[]): string {
  const widths = columns.map((_, column) => Math.max(...table.map((line) => (line[column] ?? "").length)));
  return table
    .map((line) =>
      line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  "),
    )
    .join("\n");
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
