/** With what code a socket closes; `docs/protocol.md` section 10. */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  unsupportedData: 1003,
  messageTooBig: 1009,
  internalError: 1011,
  protocolError: 4400,
  unauthenticated: 4401,
  forbidden: 4403,
  versionMismatch: 4406,
  helloTimeout: 4408,
  limitExceeded: 4413,
  tooManyFrames: 4429,
} as const;

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

/** Reconnecting with the same bytes or credentials would end the same way. */
export function stopsReconnecting(code: number): boolean {
  return (
    code === closeCodes.unsupportedData ||
    code === closeCodes.unauthenticated ||
    code === closeCodes.forbidden ||
    code === closeCodes.versionMismatch
  );
}

/**
 * The peer broke the protocol, and its connection ends with this code. Thrown while its bytes are read,
 * caught where they came in: it never leaves the connection.
 */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly closeCode: CloseCode;

  constructor(message: string, closeCode: CloseCode = closeCodes.protocolError) {
    super(message);
    this.closeCode = closeCode;
  }
}
