import { X509Certificate } from "node:crypto";
import { createSecureContext, type TlsOptions } from "node:tls";
import { show } from "@farcall/protocol";

/** What is wrong with keys and certificates is said now, not by each handshake. @throws TypeError */
export function assertTls(given: TlsOptions | undefined, where: string): void {
  if (given === undefined) return;
  if (typeof given !== "object" || given === null) throw new TypeError(`${where} must be an object, got ${show(given)}`);
  const { key, cert, pfx, secureContext, SNICallback } = given as TlsOptions & { readonly secureContext?: unknown };
  const isWhole = (key !== undefined && cert !== undefined) || [pfx, secureContext, SNICallback].some((one) => one !== undefined);
  if (!isWhole) throw new TypeError(`${where} needs key and cert, in PEM, or pfx`);
  try {
    // A `ca` that is no certificate is passed over in silence by `createSecureContext`: every handshake would fail.
    for (const ca of [given.ca ?? []].flat()) new X509Certificate(ca);
    createSecureContext(given);
  } catch (error) {
    throw new TypeError(`${where}: ${(error as Error).message}`, { cause: error });
  }
}
