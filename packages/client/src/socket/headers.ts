import { validateHeaderName, validateHeaderValue } from "node:http";
import { show } from "@farcall/protocol";

/** They make the upgrade what it is. */
const reserved = /^(connection|content-length|host|transfer-encoding|upgrade|sec-websocket-.*)$/i;

/** Headers of the upgrade request. @throws TypeError that names the header. */
export function parseHeaders(given: unknown, where: string): Readonly<Record<string, string>> {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new TypeError(`${where} must be an object of texts, got ${show(given)}`);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given as Record<string, unknown>)) {
    if (reserved.test(name)) throw new TypeError(`${where}: ${name} belongs to the upgrade itself`);
    // What is in a header may be a secret: messages name it and do not quote it.
    if (typeof value !== "string") throw new TypeError(`${where}.${name} must be a text, got ${typeof value}`);
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (error) {
      throw new TypeError(`${where}: ${(error as Error).message}`);
    }
    headers[name] = value;
  }
  return headers;
}
