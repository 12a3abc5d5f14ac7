const DIGEST = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;

/** Every sha256 in hex that stands in a text, JSON for example, each once. */
export function digestsIn(text: string): readonly string[] {
  return [...new Set(text.match(DIGEST))];
}
