/** Makes the value of a text once and keeps it while it is among the `limit` texts used last. */
export function keepRecent<Value>(limit: number, make: (text: string) => Value) {
  const kept = new Map<string, Value>();
  return {
    get: (text: string): Value => {
      const known = kept.get(text);
      if (known !== undefined) kept.delete(text);
      const value = known ?? make(text);
      kept.set(text, value);
      if (kept.size > limit) kept.delete(kept.keys().next().value as string);
      return value;
    },
    clear: () => kept.clear(),
  };
}
