import type { Endpoint } from "./resolver.js";

const schemes = ["ws:", "wss:"];

/**
 * Parses the target of a client: one URL, a comma list in which later entries may leave the scheme out
 * (`ws://10.0.0.1:7070,10.0.0.2:7070`), or an array of them. Duplicates are refused: they would carry twice the load.
 * With a connector of the caller's own, any scheme may pass. @throws TypeError that quotes the entry.
 */
export function parseTarget(target: string | readonly string[], hasConnector: boolean): readonly Endpoint[] {
  const given = typeof target === "string" ? splitList(target) : target;
  if (!Array.isArray(given))
    throw new TypeError(
      `createClient: the target must be a URL or an array of URLs, got ${target === null ? "null" : typeof target}`,
    );
  if (given.length === 0)
    throw new TypeError("createClient: the target names no endpoint; write something like ws://127.0.0.1:7070");
  const urls = (given as readonly unknown[]).map((entry) => parseUrl(entry, hasConnector));
  const seen = new Set<string>();
  for (const url of urls) {
    if (seen.has(url)) throw new TypeError(`createClient: ${url} is listed twice`);
    seen.add(url);
  }
  return urls.map((url) => ({ url }));
}

/** `new URL` refuses a comma list, and rightly: so we take it apart ourselves. */
function splitList(target: string): readonly string[] {
  const entries = target.split(",").map((entry) => entry.trim());
  const scheme = /^([a-z][a-z0-9+.-]*:)\/\//i.exec(entries[0] ?? "")?.[1];
  return entries.map((entry) => (scheme === undefined || entry === "" || entry.includes("://") ? entry : `${scheme}//${entry}`));
}

function parseUrl(entry: unknown, hasConnector: boolean): string {
  if (typeof entry !== "string" || entry === "") {
    throw new TypeError(
      `createClient: an endpoint must be a URL such as ws://127.0.0.1:7070, got ${JSON.stringify(entry) ?? typeof entry}`,
    );
  }
  let url: URL;
  try {
    url = new URL(entry);
  } catch {
    throw new TypeError(`createClient: ${JSON.stringify(entry)} is not a URL; ${suggestion(entry)}`);
  }
  if (!hasConnector && !schemes.includes(url.protocol)) {
    const what = entry.includes("://") ? `no resolver knows the scheme ${url.protocol}// of` : "there is no scheme in";
    throw new TypeError(`createClient: ${what} ${JSON.stringify(entry)}; ${suggestion(entry)}`);
  }
  if (url.username !== "" || url.password !== "")
    throw new TypeError("createClient: credentials do not belong into a URL; they end up in logs");
  if (url.hash !== "") throw new TypeError(`createClient: ${JSON.stringify(entry)} has a fragment, which means nothing here`);
  return entry;
}

/** What the entry may have been meant to be. */
function suggestion(entry: string): string {
  const rest = entry.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
  return /^[\w.[\]:-]+(\/.*)?$/.test(rest) ? `did you mean ws://${rest}?` : "write something like ws://127.0.0.1:7070";
}
