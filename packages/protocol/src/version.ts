/** The version of the Farcall packages, which are released together; a spec holds it against `package.json`. */
export const version = "0.1.0";

/** What this implementation calls itself in the handshake. For people and logs: nothing may depend on it. */
export const agent = `farcall-js/${version}`;
