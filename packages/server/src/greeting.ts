import { capabilities, encodeHandshake, type Hello, kinds, type Link, minorVersion, type Peer, Session } from "@farcall/protocol";
import type { ServerCore } from "./core.js";

/** Where the calls of a peer run that has said hello. */
export function openSession(options: {
  readonly core: ServerCore;
  readonly link: Link;
  readonly hello: Hello;
  readonly peer: Peer;
  /** A handler has returned, or an answer is out. */
  readonly released: () => void;
}): Session {
  const { core, link, hello, peer, released } = options;
  return new Session({
    role: "acceptor",
    link,
    clock: core.clock,
    wheel: core.wheel,
    limits: core.limits,
    peer: hello.limits,
    acceptor: {
      resolve: (service, method) => core.router.resolve(service, method),
      run: (call, args) => core.invoker.run(call, args, peer),
      redact: (call, thrown) => core.invoker.redact(call, thrown),
      deadline: (method, timeoutMs) => core.deadline(method, timeoutMs),
      dropped: () => core.dropped(),
    },
    released,
  });
}

/** Tells the peer who we are, what we can do, and what we take. */
export function sendWelcome(core: ServerCore, link: Link, connectionId: string): void {
  const map = encodeHandshake({
    minor: minorVersion,
    agent: core.agent,
    capabilities,
    limits: core.limits,
    contracts: core.router.contracts,
    instanceId: core.instanceId,
    connectionId,
    reconnectMs: core.reconnectMs(),
  });
  const writer = link.outbox.frame(8 + map.length);
  writer.byte(0x92);
  writer.byte(kinds.welcome);
  writer.raw(map, 0, map.length);
  link.outbox.wrote();
}
