export type MetaValue = string | number | null | readonly [] | { readonly [key: string]: string };

/**
 * A `meta.yaml`. Values are written as JSON, which is YAML: quoted texts mean the same to every reader, while PyYAML would take
 * a bare `no`, `1:20` or `2026-01-01` for something else. What YAML forbids or folds inside quotes is escaped too.
 */
export function writeMeta(record: Readonly<Record<string, MetaValue>>): string {
  const lines = Object.entries(record).map(([key, value]) => `${key}: ${escaped(JSON.stringify(value))}\n`);
  return lines.join('');
}

const escaped = (json: string) =>
  json.replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (one) => {
    return `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });

/** A number as Python reads it back. */
export function pythonNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  return Object.is(value, -0) ? '-0.0' : String(value);
}
