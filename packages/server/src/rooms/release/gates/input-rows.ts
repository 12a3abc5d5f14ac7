import { type Table, toRows } from '@fairlead/frame';
import type { ModelVersion } from '../../registry/index.js';

export type InputRow = Readonly<Record<string, unknown>>;

/**
 * Rows of a table as request bodies with the columns a model takes. What is missing is left out, NaN too: models take both alike.
 * Times are whole milliseconds, as models are given them.
 */
export function inputRows(table: Table, { signature }: Pick<ModelVersion, 'signature'>): InputRow[] {
  const inputs = signature.inputs.map(({ name, type }) => ({ name, isTime: type === 'timestamp' }));
  return (toRows(table) as Record<string, unknown>[]).map((row) => {
    const cells: Record<string, unknown> = {};
    for (const { name, isTime } of inputs) {
      const value = row[name];
      if (value == null || Number.isNaN(value)) continue;
      cells[name] = isTime ? Math.floor(value as number) : value;
    }
    return cells;
  });
}

/** So many rows of `count`, evenly spread, in order. */
export function spreadRows(count: number, wanted: number): Int32Array {
  const taken = Math.min(count, wanted);
  return Int32Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken));
}
