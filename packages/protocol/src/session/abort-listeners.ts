interface Listeners {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const bySignal = new WeakMap<AbortSignal, Listeners>();

/**
 * Calls `callback` when `signal` aborts, until the function it returns is called. However many wait, the signal has one
 * listener: a thousand calls may share a signal, and Node warns of a leak at eleven.
 */
export function listenForAbort(signal: AbortSignal, callback: () => void): () => void {
  let listeners = bySignal.get(signal);
  if (listeners === undefined) {
    listeners = startListening(signal);
    bySignal.set(signal, listeners);
  }
  const { callbacks, listener } = listeners;
  callbacks.add(callback);
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0 || bySignal.get(signal)?.callbacks !== callbacks) return;
    bySignal.delete(signal);
    signal.removeEventListener("abort", listener);
  };
}

function startListening(signal: AbortSignal): Listeners {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    bySignal.delete(signal);
    for (const callback of callbacks) callback();
  };
  signal.addEventListener("abort", listener, { once: true });
  return { callbacks, listener };
}
