import { type ColumnSpec, tableFromRows } from '@fairlead/frame';
import type { NamedTensor } from '../../../platform/inference/index.js';
import { tensorsOfTable } from '../../training/index.js';
import type { BundleRow } from './bundle-rules.js';
import type { BundledSignature } from './bundle-types.js';

/** The rows as a package takes them. */
export function tensorsOfRows({ inputs }: BundledSignature, rows: readonly BundleRow[]): NamedTensor[] {
  const schema = inputs.map(({ name, type }): ColumnSpec => {
    const isItself = type === 'string' || type === 'boolean' || type === 'timestamp';
    return { name, kind: isItself ? type : 'float64' };
  });
  return tensorsOfTable(inputs, tableFromRows(rows, schema));
}

/** The outputs row by row, in the form in which a bundle answers. */
export function answersOf(
  outputs: readonly NamedTensor[],
  rowCount: number,
  labels: readonly string[],
): Record<string, unknown>[] {
  return Array.from({ length: rowCount }, (_, row) =>
    Object.fromEntries(
      outputs.map(({ name, data }) => {
        const width = data.length / rowCount;
        const cells = Array.from({ length: width }, (_, k) => plain(data[row * width + k]));
        if (name === 'probabilities') return [name, Object.fromEntries(labels.map((label, k) => [label, cells[k]]))];
        return [name, name === 'label' ? String(cells[0]) : width === 1 ? cells[0] : cells];
      }),
    ),
  );
}

function plain(cell: unknown): unknown {
  return typeof cell === 'bigint' ? Number(cell) : cell;
}
