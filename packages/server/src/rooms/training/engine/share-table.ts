import { type Column, createTable, type Table } from '@fairlead/frame';
import type { Fold } from '@fairlead/num';
import type { ProblemTarget } from './engine-types.js';

type Numbers = Float64Array | Int32Array | Uint32Array | Uint8Array;

/** A copy that every thread sees without copying it again. */
function shared<T extends Numbers>(values: T): T {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const Kind = values.constructor as new (buffer: SharedArrayBuffer) => T;
  const copy = new Kind(new SharedArrayBuffer(values.byteLength));
  copy.set(values as never);
  return copy;
}

/** The table in shared memory. Dictionaries of texts are still copied to each thread. */
export function shareTable(table: Table): Table {
  return createTable([...table.columns].map(([name, column]) => [name, shareColumn(column)] as const));
}

function shareColumn(column: Column): Column {
  const validity = column.validity === undefined ? {} : { validity: shared(column.validity) };
  if (column.kind === 'string') return { ...column, codes: shared(column.codes), ...validity };
  if (column.kind === 'boolean') return { ...column, values: shared(column.values), ...validity };
  return { ...column, values: shared(column.values), ...validity };
}

export function shareTarget(target: ProblemTarget): ProblemTarget {
  if (target.kind === 'classes') return { ...target, codes: shared(target.codes) };
  return target.kind === 'numbers' ? { ...target, values: shared(target.values) } : target;
}

export function shareFolds(folds: readonly Fold[]): Fold[] {
  return folds.map(({ train, test }) => ({ train: shared(train), test: shared(test) }));
}
