import type { FarcallError, Timer } from "@farcall/protocol";
import type { Dial } from "./dial.js";
import type { Live } from "./live.js";
import type { Waiting } from "./waiting.js";

/**
 * One peer, one socket for new calls at a time.
 *
 * - `idle`: not started.
 * - `connecting`: dialled; neither open nor welcomed. Leaves to `ready`, `backoff`, `closed`.
 * - `ready`: welcomed; calls may be sent. Leaves to `suspect`, `backoff`, `closed`.
 * - `suspect`: welcomed, and silent for longer than it should be. Its calls go on, new ones go elsewhere if they can, and
 *   another connection is tried. Whichever is heard first wins. Leaves to `ready`, `connecting`, `backoff`, `closed`.
 * - `backoff`: no socket for new calls; the timer starts the next attempt. Leaves to `connecting`, `closed`.
 * - `closed`: final: by the owner, or because the server will not have us.
 *
 * A socket that takes no new calls but still has some (the server is leaving, a better one was found, the endpoint is not
 * wanted any more) is set aside in `#leaving` until they have ended. Behind one address there may be other servers, so the
 * next attempt does not wait for that: after a goodbye it follows the backoff, after a drain the bounds that the server
 * names in its second phase.
 *
 * Each attempt is an object of its own: events of an earlier one reach nobody.
 */
export type State =
  | { readonly name: "idle" }
  | { readonly name: "connecting"; readonly dial: Dial; readonly attempt: number }
  | { readonly name: "ready"; readonly live: Live; readonly attempt: number }
  | { readonly name: "suspect"; readonly live: Live; readonly attempt: number; readonly next: Dial | Timer }
  | { readonly name: "backoff"; readonly waiting: Waiting }
  | { readonly name: "closed"; readonly cause: FarcallError };
