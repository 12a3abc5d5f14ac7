import type { Column, Table, Validity } from './frame-types.js';
import { columnOf, createTable } from './table.js';
import { emptyValidity, isPresent, markPresent } from './validity.js';

/** The rows at `indices`, in that order; an index may come more than once. Copies cells, shares dictionaries. */
export function selectRows(table: Table, indices: Int32Array | Uint32Array): Table {
  const columns = [...table.columns].map(([name, column]) => [name, gather(column, indices)] as const);
  const selected = createTable(columns);
  return columns.length > 0 ? selected : Object.freeze({ ...selected, rowCount: indices.length });
}

/** Only the named columns, in the order of `names`. Shares the arrays. @throws FRAME_COLUMN_NOT_FOUND */
export function selectColumns(table: Table, names: readonly string[]): Table {
  return createTable(names.map((name) => [name, columnOf(table, name)] as const));
}

function gather(column: Column, indices: Int32Array | Uint32Array): Column {
  const validity = gatherValidity(column.validity, indices);
  const parts = validity === undefined ? {} : { validity };
  switch (column.kind) {
    case 'string': {
      const codes = new Int32Array(indices.length);
      for (let i = 0; i < indices.length; i++) codes[i] = column.codes[indices[i] as number] as number;
      return { kind: 'string', codes, dictionary: column.dictionary, ...parts };
    }
    case 'boolean': {
      const values = new Uint8Array(indices.length);
      for (let i = 0; i < indices.length; i++) values[i] = column.values[indices[i] as number] as number;
      return { kind: 'boolean', values, ...parts };
    }
    default: {
      const values = new Float64Array(indices.length);
      for (let i = 0; i < indices.length; i++) values[i] = column.values[indices[i] as number] as number;
      return { kind: column.kind, values, ...parts };
    }
  }
}

function gatherValidity(validity: Validity | undefined, indices: Int32Array | Uint32Array): Validity | undefined {
  if (validity === undefined) return undefined;
  const out = emptyValidity(indices.length);
  for (let i = 0; i < indices.length; i++) if (isPresent(validity, indices[i] as number)) markPresent(out, i);
  return out;
}
