export interface Difference {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** The leaves in which two JSON values differ, by dotted path, for showing a change to people. */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  const left = text(before);
  const right = text(after);
  return left === right ? [] : [{ path, before: left, after: right }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
