const ALIAS = /^[\p{L}\p{N}_-]{1,255}$/u;

/** True for names a model alias may have: numbers, `latest` and `v<number>` always mean something else. */
export function isAlias(name: string): boolean {
  return ALIAS.test(name) && name.toLowerCase() !== 'latest' && !/^v?\d+$/i.test(name);
}

/** What a reference to a version means. Numbers may come as text: they arrive in URLs. */
export function parseVersionRef(
  ref: string | number,
): { kind: 'number'; version: number } | { kind: 'latest' } | { kind: 'alias'; alias: string } {
  const text = String(ref);
  if (/^[1-9]\d{0,8}$/.test(text)) return { kind: 'number', version: Number(text) };
  return text === 'latest' ? { kind: 'latest' } : { kind: 'alias', alias: text };
}

/** The tags after a change; null removes a tag. */
export function changeTags(
  before: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const after: Record<string, string> = { ...before };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete after[key];
    else after[key] = value;
  }
  return after;
}

/** The version an alias points at. Names come from callers: `constructor` is an alias only when somebody set it. */
export function versionBehind(aliases: Readonly<Record<string, number>>, alias: string): number | undefined {
  return Object.hasOwn(aliases, alias) ? aliases[alias] : undefined;
}
