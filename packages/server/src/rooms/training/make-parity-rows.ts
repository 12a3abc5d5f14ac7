import {
  type Cell,
  concatTables,
  type Row,
  schemaOf,
  selectRows,
  type Table,
  tableFromRows,
  toRows,
} from '@fairlead/frame';
import type { FittedCandidate } from './fit-candidate.js';

const SAMPLES = 5;
/** Per feature; deep forests have tens of thousands, and neighbouring ones exercise the same comparison. */
const MAX_THRESHOLDS = 400;

/**
 * The rows on which a package must agree with its model: all given rows, then rows with each input missing, all missing,
 * categories that training never saw, and numbers exactly on the thresholds of a forest and one Float32 step beside them.
 */
export function makeParityRows(table: Table, { preprocessor, model }: FittedCandidate): Table {
  const names = preprocessor.inputs.map(({ name }) => name);
  const picked = Int32Array.from({ length: Math.min(SAMPLES, table.rowCount) }, (_, i) =>
    Math.floor((i * table.rowCount) / SAMPLES),
  );
  const samples = toRows(selectRows(table, picked));
  const extra: Row[] = [Object.fromEntries(names.map((name) => [name, null]))];
  const vary = (name: string, value: Cell) => extra.push(...samples.map((row) => ({ ...row, [name]: value })));
  for (const name of names) vary(name, null);
  for (const { name, categories } of preprocessor.inputs) {
    if (categories !== undefined) vary(name, unseen(categories));
  }
  const thresholds = model.thresholds?.() ?? [];
  preprocessor.featureNames.forEach((_, f) => {
    const name = preprocessor.sourceOf(f);
    if (name === undefined || table.columns.get(name)?.kind !== 'float64') return;
    spread(Array.from(thresholds[f] ?? [])).forEach((edge, i) => {
      const row = samples[i % samples.length] as Row;
      // A node that parts missing rows from all others has a threshold that no number is above.
      const beside = [edge, nextFloat32(edge, 1), nextFloat32(edge, -1)].filter(Number.isFinite);
      for (const value of beside) extra.push({ ...row, [name]: value });
    });
  });
  return concatTables([table, tableFromRows(extra, schemaOf(table))]);
}

function spread(values: readonly number[]): number[] {
  if (values.length <= MAX_THRESHOLDS) return [...values];
  const step = values.length / MAX_THRESHOLDS;
  return Array.from({ length: MAX_THRESHOLDS }, (_, i) => values[Math.floor(i * step)] as number);
}

function unseen(categories: readonly string[]): string {
  let name = 'never seen in training';
  while (categories.includes(name)) name += '!';
  return name;
}

/** The neighbouring Float32 of a finite value, above (1) or below (-1). */
function nextFloat32(value: number, direction: 1 | -1): number {
  const float = Float32Array.of(value);
  const bits = new Int32Array(float.buffer);
  if (value === 0) return direction * 2 ** -149;
  bits[0] = (bits[0] as number) + (value > 0 === direction > 0 ? 1 : -1);
  return float[0] as number;
}
