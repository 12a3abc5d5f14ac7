const LIMITS = {
  tagKey: 250,
  tagValue: 100_000,
  tags: 1_000,
  description: 100_000,
  link: 2_000,
  source: 2_000,
} as const;

/** NUL and half a surrogate pair are no text that both databases can store. */
const UNSTORABLE = /[\0\p{Cs}]/u;

/** What is wrong with tags that are to be set, in words; null when nothing is. Null values remove a tag. */
export function tagsProblem(tags: Readonly<Record<string, string | null>>): string | null {
  const entries = Object.entries(tags);
  if (entries.length > LIMITS.tags) return `${entries.length} tags at once, at most ${LIMITS.tags}`;
  for (const [key, value] of entries) {
    if (key === '') return 'the key of a tag is empty';
    if (key.length > LIMITS.tagKey) return `the key of a tag has ${key.length} characters, at most ${LIMITS.tagKey}`;
    if (UNSTORABLE.test(key) || UNSTORABLE.test(value ?? '')) return `tag '${key.slice(0, 50)}' has NUL or broken text`;
    if (value !== null && value.length > LIMITS.tagValue) {
      return `the value of tag '${key}' has ${value.length} characters, at most ${LIMITS.tagValue}`;
    }
  }
  return null;
}

/** What is wrong with a text that a person wrote; null when nothing is. */
export function textProblem(what: 'description' | 'link' | 'source', text: string): string | null {
  if (UNSTORABLE.test(text)) return `the ${what} has NUL or broken text`;
  return text.length > LIMITS[what] ? `the ${what} has ${text.length} characters, at most ${LIMITS[what]}` : null;
}
