/** The known word that `given` is a slip of the keyboard away from; `undefined` when it is like none. */
export function slipOf(given: string, known: readonly string[]): string | undefined {
  const wanted = given.toLowerCase();
  const near = known.map((word) => ({ word, edits: edits(wanted, word.toLowerCase()) })).filter(({ edits }) => edits <= 2);
  return near.sort((a, b) => a.edits - b.edits)[0]?.word;
}

/** Letters to add, remove or change to make `b` out of `a` (Levenshtein's distance). */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= Math.min(a.length, 32); i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
