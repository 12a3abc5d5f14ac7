/** A double on the wire: JSON has no NaN and no infinities, so their names stand for them. */
export function presentNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Lists without items are left out of answers. */
export function unlessEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** Keys and values as MLflow's list of pairs; undefined when there are none. */
export function presentPairs(record: Readonly<Record<string, string>>): { key: string; value: string }[] | undefined {
  const keys = Object.keys(record);
  return keys.length === 0 ? undefined : keys.map((key) => ({ key, value: record[key] as string }));
}

/** The token of the next page, left out on the last. */
export function presentToken(token: string | null): string | undefined {
  return token ?? undefined;
}

export function unlessDeleted<T extends { readonly lifecycle: 'active' | 'deleted' }>(thing: T): T | undefined {
  return thing.lifecycle === 'active' ? thing : undefined;
}

/** An object as JSON text with a list of texts of JSON under `name`, left out when there are none, and `others` behind it. */
export function writeList(name: string, items: readonly string[], others: object): string {
  const rest = JSON.stringify(others);
  if (items.length === 0) return rest;
  const list = `{"${name}":[${items.join(',')}]`;
  return rest === '{}' ? `${list}}` : `${list},${rest.slice(1)}`;
}
