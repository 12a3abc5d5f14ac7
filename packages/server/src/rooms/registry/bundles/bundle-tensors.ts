import type { NamedTensor } from '../../../platform/inference/index.js';
import type { BundleRow } from './bundle-rules.js';
import type { BundledSignature } from './bundle-types.js';

/** A missing timestamp, as the preprocessing of a package knows it. */
const NO_TIME = -(2n ** 63n);

/** The rows as a package takes them: FP32 [n, 1] with NaN, BYTES with '' and INT64 with its minimum for missing. */
export function tensorsOfRows({ inputs }: BundledSignature, rows: readonly BundleRow[]): NamedTensor[] {
  const shape = [rows.length, 1];
  return inputs.map(({ name, type }) => {
    const cells = rows.map((row) => row[name] ?? null);
    if (type === 'string') return { name, datatype: 'BYTES', shape, data: cells.map((cell) => String(cell ?? '')) };
    if (type === 'timestamp') {
      const data = BigInt64Array.from(cells, (cell) => (cell === null ? NO_TIME : BigInt(cell)));
      return { name, datatype: 'INT64', shape, data };
    }
    const data = Float32Array.from(cells, (cell) => (cell === null ? Number.NaN : Number(cell)));
    return { name, datatype: 'FP32', shape, data };
  });
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
