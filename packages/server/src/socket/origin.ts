/**
 * Whether an upgrade with this `Origin` may pass. Browsers send one and attach cookies to it, whatever page it comes
 * from (cross-site WebSocket hijacking, OWASP); other clients send none and pass. The origin must be the host that is
 * being called, or be listed.
 */
export function isAllowedOrigin(origin: string | undefined, host: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined) return true;
  if (allowed.includes(origin)) return true;
  if (host === undefined) return false;
  try {
    const url = new URL(origin);
    return url.origin === origin && url.host === new URL(`${url.protocol}//${host}`).host;
  } catch {
    return false;
  }
}

/** Checks the list of allowed origins. @throws TypeError that names the entry. */
export function parseAllowedOrigins(origins: readonly string[] | undefined): readonly string[] {
  if (origins === undefined) return [];
  if (!Array.isArray(origins))
    throw new TypeError("createServer: allowedOrigins must be an array of origins such as https://app.example.com");
  for (const origin of origins) {
    let valid = origin === "null";
    try {
      valid ||= new URL(origin).origin === origin;
    } catch {}
    if (!valid) {
      throw new TypeError(
        `createServer: allowedOrigins: ${JSON.stringify(origin)} is not an origin; write scheme, host and port only, such as https://app.example.com`,
      );
    }
  }
  return origins;
}
