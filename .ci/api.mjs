// What the public packages offer, written down: npm run api updates etc/, npm run api -- --check fails when it differs.
// Expects built packages. A change of a report is a change that users may notice, so it is read in review.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";
import { publicPackages, root } from "./packages.mjs";

const isCheck = process.argv.includes("--check");
const folder = join(root, "etc");
const scratch = mkdtempSync(join(tmpdir(), "farcall-api-"));

try {
  const reports = new Map(publicPackages.flatMap((one) => [...reportsOf(one)]));
  const differing = [...reports].filter(([file, text]) => text !== existing(file)).map(([file]) => file);
  const orphans = reportFiles().filter((file) => !reports.has(file));
  if (isCheck) {
    for (const file of differing) console.error(`etc/${file} is not what the package offers now`);
    for (const file of orphans) console.error(`etc/${file} belongs to no entry point`);
    if (differing.length + orphans.length > 0) {
      console.error("If users may see that change: npm run api, and commit the difference.");
      process.exitCode = 1;
    }
  } else {
    mkdirSync(folder, { recursive: true });
    for (const file of differing) writeFileSync(join(folder, file), reports.get(file));
    for (const file of orphans) rmSync(join(folder, file));
    for (const file of [...differing, ...orphans]) console.log(`changed etc/${file}`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** One report for each entry point of a package, and one for the commands it brings. */
function* reportsOf({ folder: own, manifest }) {
  const name = manifest.name.replace(/^@farcall\//, "");
  for (const [entry, target] of Object.entries(manifest.exports)) {
    if (target.types === undefined) continue;
    const stem = [name, ...entry.split("/").slice(1)].join("-");
    yield [`${stem}.api.md`, extract(join(root, own), target.types, stem)];
  }
  for (const [command, target] of Object.entries(manifest.bin ?? {})) {
    yield [`${command}.api.md`, commandReport(command, join(root, own, target))];
  }
}

function extract(own, types, stem) {
  const muted = { logLevel: "none" };
  const inReport = { logLevel: "warning", addToApiReportFile: true };
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(own, "package.json"),
    configObject: {
      projectFolder: own,
      mainEntryPointFilePath: join(own, types),
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: "es2023",
            lib: ["es2023", "esnext.disposable"],
            module: "nodenext",
            moduleResolution: "nodenext",
            types: ["node"],
            typeRoots: [join(root, "node_modules/@types")],
            strict: true,
            skipLibCheck: true,
          },
          files: [join(own, types)],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${stem}.api.md`,
        reportFolder: scratch,
        reportTempFolder: join(scratch, "temp"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: "lf",
      messages: {
        compilerMessageReporting: { default: { logLevel: "error" } },
        extractorMessageReporting: { default: inReport, "ae-missing-release-tag": muted, "ae-undocumented": muted },
        tsdocMessageReporting: { default: muted },
      },
    },
  });
  const faults = [];
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback(message) {
      if (message.logLevel === "error") faults.push(message.formatMessageWithLocation(root));
      message.handled = true;
    },
  });
  if (!succeeded || faults.length > 0) throw new Error(`${stem}: ${faults.join("\n") || "no report"}`);
  // A line that moves in a source is no change of what it offers.
  return readFileSync(join(scratch, `${stem}.api.md`), "utf8").replace(/^(\/\/ \S+\.ts):\d+:\d+ /gm, "$1 ");
}

/** The interface of a command is its help. */
function commandReport(command, file) {
  const help = (...args) => execFileSync(process.execPath, [file, ...args, "--help"], { encoding: "utf8" });
  const overview = help();
  const names = [...overview.matchAll(/^ {2}(\w+) .* {2,}\S/gm)].map(([, name]) => name);
  const texts = [overview, ...names.map((name) => help(name))].map((text) =>
    // The version is no part of it, nor are the spaces that fill columns.
    text
      .replace(/^.*\/\d+\.\d+\.\d+.*\n/, "")
      .replace(/ +$/gm, "")
      .trim(),
  );
  return `# The command ${command}\n\n${texts.map((text) => `\`\`\`text\n${text}\n\`\`\`\n`).join("\n")}`;
}

function existing(file) {
  return reportFiles().includes(file) ? readFileSync(join(folder, file), "utf8") : undefined;
}

function reportFiles() {
  try {
    return readdirSync(folder).filter((file) => file.endsWith(".api.md"));
  } catch {
    return [];
  }
}
