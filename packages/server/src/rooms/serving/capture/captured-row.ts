import type { Row } from '@fairlead/frame';
import type { CapturedRow } from '../serving-types.js';
import { FORMER_INPUTS, INPUT, LINE, OF_REQUEST, OF_ROW, REST, SHARED } from './segment-columns.js';

const MEMBERS = Object.entries({ ...SHARED, ...OF_REQUEST, ...OF_ROW });

/** A row read from Parquet. */
export function toCapturedRow(cells: Row): { readonly row: CapturedRow; readonly line: number } {
  const facts = Object.fromEntries(MEMBERS.map(([member, column]) => [member, cells[column] ?? null]));
  return {
    row: { inputs: inputsFrom(cells), ...(facts as unknown as Omit<CapturedRow, 'inputs'>) },
    line: Number(cells[LINE]),
  };
}

function inputsFrom(cells: Row): CapturedRow['inputs'] {
  if (typeof cells[FORMER_INPUTS] === 'string') return JSON.parse(cells[FORMER_INPUTS]);
  const typed = Object.entries(cells).flatMap(([column, value]) =>
    column.startsWith(INPUT) && value !== null && value !== undefined ? [[column.slice(INPUT.length), value]] : [],
  );
  const rest = cells[REST];
  return { ...Object.fromEntries(typed), ...(typeof rest === 'string' && JSON.parse(rest)) };
}
