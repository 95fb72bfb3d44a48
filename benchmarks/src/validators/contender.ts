/** One way of checking an order. */
export interface Contender {
  readonly name: string;
  /** The packages whose versions belong in a report. */
  readonly packages: readonly string[];
  /** Says no more than yes or no. */
  readonly isBare?: boolean;
  /** The number of problems it has to tell of, each with a text and a path; 1 for a bare no, 0 for a yes. */
  readonly check: (value: unknown) => number;
}
