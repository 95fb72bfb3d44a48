/** A service record (RFC 2782). */
export interface ServiceRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

export interface Addresses {
  readonly addresses: readonly string[];
  /** The family that could not be asked just now, when only the other one has answered. */
  readonly missing?: 4 | 6 | undefined;
}

/** One round of questions. Both methods reject with what the platform says. */
export interface Lookup {
  /** At least one. */
  addresses(name: string, family: 0 | 4 | 6): Promise<Addresses>;
  services(name: string): Promise<readonly ServiceRecord[]>;
  /** Ends the round: what is open, and what is asked from now on, rejects with the code `ECANCELLED`. */
  cancel(): void;
}

/** Begins a round of questions. */
export type Lookups = () => Lookup;
