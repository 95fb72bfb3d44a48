/** Why a checked value cannot travel all the same. */
export class UnsendableError extends Error {
  override readonly name = "UnsendableError";
}
