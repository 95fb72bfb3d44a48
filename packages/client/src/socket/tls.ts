import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { assertKnownKeys, show } from "@farcall/protocol";

/** A text in PEM, or its bytes; several for several. */
export type Pem = string | Uint8Array | readonly (string | Uint8Array)[];

/** How `wss` servers are checked, and what this client shows of itself. As in Node's `tls.connect`. */
export interface ClientTlsOptions {
  /** Certificates of those who may vouch for a server. Default: those that Node trusts. */
  readonly ca?: Pem;
  /** The certificate of this client, for servers that ask for one, and the key that belongs to it. */
  readonly cert?: Pem;
  readonly key?: Pem;
  /** Of the key. */
  readonly passphrase?: string;
  /** Certificate and key in one, as PKCS #12. */
  readonly pfx?: Uint8Array;
  /** The name that servers must have a certificate for. Default: the one in their address. */
  readonly servername?: string;
  /** False takes any certificate, and so any server: never outside of tests. Default true. */
  readonly rejectUnauthorized?: boolean;
  /** Default `TLSv1.2`. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
}

const names = [
  "ca",
  "cert",
  "key",
  "passphrase",
  "pfx",
  "servername",
  "rejectUnauthorized",
  "minVersion",
] as const satisfies readonly (keyof ClientTlsOptions)[];

/** Reads keys and certificates now, and once: what is wrong with them is known before anybody dials. @throws TypeError */
export function parseTls(given: ClientTlsOptions | undefined, where: string): object | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "object" || given === null) throw new TypeError(`${where} must be an object, got ${show(given)}`);
  assertKnownKeys(given, where, names);
  try {
    // A `ca` that is no certificate is passed over in silence by `createSecureContext`: every handshake would fail.
    for (const ca of [given.ca ?? []].flat() as (string | Uint8Array)[]) new X509Certificate(ca);
    return { ...given, secureContext: createSecureContext(given as SecureContextOptions) };
  } catch (error) {
    throw new TypeError(`${where}: ${(error as Error).message}`, { cause: error });
  }
}
