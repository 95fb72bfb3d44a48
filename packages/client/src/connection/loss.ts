import { type CloseInfo, FarcallError } from "@farcall/protocol";

/** What `url` is lost with: nothing that was not sent has run. `what` says whether there had been a connection. */
export function lossOf(
  url: string,
  info: CloseInfo,
  what: "lost the connection to" | "could not connect to" = "lost the connection to",
): FarcallError {
  const why = [reasonOf(info), info.code === 1006 ? "" : `close code ${info.code}`].filter(Boolean).join(", ");
  return new FarcallError("UNAVAILABLE", `${what} ${url}${why === "" ? "" : `: ${why}`}`, { executed: "no", cause: info.cause });
}

/** OpenSSL has words of its own for a server that answers without TLS. */
function reasonOf({ reason }: CloseInfo): string {
  return /SSL routines.*wrong version number/s.test(reason)
    ? "no TLS is spoken there; did you mean ws:// and not wss://?"
    : reason;
}

/** What calls fail with that a server which leaves has not accepted. */
export function refusalOf(url: string): FarcallError {
  return new FarcallError("UNAVAILABLE", `${url} is leaving`, { executed: "no" });
}
