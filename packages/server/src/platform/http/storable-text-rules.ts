const LONE_SURROGATE = /\p{Surrogate}/u;

/** True when a database keeps the text unchanged: PostgreSQL has no NUL, and UTF-8 no half of a surrogate pair. */
function isStorableText(text: string): boolean {
  return !text.includes('\0') && !LONE_SURROGATE.test(text);
}

/**
 * The path of the first text, member names included, that {@link isStorableText} refuses; undefined when all are fine.
 * Without recursion, so that depth cannot exhaust the stack.
 */
export function findUnstorableText(value: unknown): string | undefined {
  const pending: { path: string; value: unknown }[] = [{ path: '', value }];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const { path, value: current } = item;
    if (typeof current === 'string' && !isStorableText(current)) return path;
    if (typeof current !== 'object' || current === null) continue;
    for (const [key, member] of Object.entries(current)) {
      if (!isStorableText(key)) return path;
      if (typeof member === 'string' || typeof member === 'object')
        pending.push({ path: `${path}/${key}`, value: member });
    }
  }
  return undefined;
}
