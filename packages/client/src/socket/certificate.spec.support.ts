import { readFileSync } from "node:fs";

const pem = (name: string): string => readFileSync(new URL(`../../../../test/fixtures/tls/${name}.pem`, import.meta.url), "utf8");

/** A certificate for farcall.test, localhost and 127.0.0.1, signed by itself and good for nothing else; until 2126. */
export const certificate = pem("certificate");
/** Its key: known to everybody, so trust the certificate nowhere but here. */
export const privateKey = pem("key");
