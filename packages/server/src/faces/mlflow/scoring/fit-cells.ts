import type { LiveModel } from '../../../rooms/serving/index.js';
import type { Row } from './scoring-rows.js';

type Input = LiveModel['signature']['inputs'][number];

/**
 * Rows as the model's signature wants them: columns it does not have are dropped, as MLflow does. Text from CSV becomes what its
 * column holds where it can; what cannot be read stays as it is, so that the check behind names row and column.
 */
export function fitCells(
  rows: readonly Row[],
  signature: LiveModel['signature'],
  { isText }: { isText: boolean },
): Row[] {
  const context = signature.contextColumns.filter((name) => !signature.inputs.some((input) => input.name === name));
  return rows.map((row) => {
    const fitted: Record<string, unknown> = {};
    for (const input of signature.inputs) {
      if (Object.hasOwn(row, input.name)) fitted[input.name] = fit(row[input.name], input, isText);
    }
    for (const name of context) if (Object.hasOwn(row, name)) fitted[name] = row[name];
    return fitted;
  });
}

const WORDS: Readonly<Record<string, boolean>> = { true: true, false: false, True: true, False: false };

function fit(cell: unknown, { type }: Input, isText: boolean): unknown {
  if (!isText || typeof cell !== 'string') return cell;
  if (type === 'string') return cell;
  if (cell === '') return null;
  if (type === 'boolean') return Object.hasOwn(WORDS, cell) ? WORDS[cell] : cell;
  if (type === 'timestamp') return /^-?\d+$/.test(cell) ? Number(cell) : cell;
  const number = Number(cell);
  return cell.trim() !== '' && Number.isFinite(number) ? number : cell;
}
