/** `▸` stands before the token that a diagnostic must point at; it is not part of the source. */
const mark = "▸";

/** Takes the marks out and tells where they stood. */
export function unmark(source: string): { text: string; places: readonly string[] } {
  const places: string[] = [];
  const lines = source.split("\n").map((line, index) => {
    let text = line;
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark)) {
      places.push(`${index + 1}:${at + 1}`);
      text = text.slice(0, at) + text.slice(at + 1);
    }
    return text;
  });
  return { text: lines.join("\n"), places };
}
