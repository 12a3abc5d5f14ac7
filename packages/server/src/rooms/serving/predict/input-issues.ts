import { servingErrors } from '../serving-errors.js';

/** One cell that does not fit: row (from 0), column, what came and what was expected. `column` is '' for the row itself. */
export interface InputIssue {
  readonly row: number;
  readonly column: string;
  readonly got: string;
  readonly expected: string;
}

const SHOWN = 20;
const MAX_TEXT = 60;

/** Counts all issues and keeps the first so many, so that a large bad request costs no more than a small one. */
export class InputIssues {
  readonly #kept: InputIssue[] = [];
  #total = 0;

  add(row: number, column: string, { got, expected }: { got: unknown; expected: string }): void {
    this.#total += 1;
    if (this.#kept.length < SHOWN) this.#kept.push({ row, column: column.slice(0, 100), got: describe(got), expected });
  }

  get total(): number {
    return this.#total;
  }

  /** @throws SRV_INPUT_INVALID when anything was added */
  throwIfAny(): void {
    if (this.#total === 0) return;
    const [first] = this.#kept;
    const place = first?.column === '' ? `Row ${first.row}` : `Row ${first?.row}, column ${first?.column}`;
    const more = this.#total > 1 ? ` ${this.#total} cells in all do not fit.` : '';
    throw servingErrors.SRV_INPUT_INVALID(`${place}: got ${first?.got}, expected ${first?.expected}.${more}`, {
      data: { issues: [...this.#kept].sort((a, b) => a.row - b.row), total: this.#total },
    });
  }
}

/** A value as a message shows it: its type and its beginning. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') {
    return `the string "${value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value}"`;
  }
  return `the ${typeof value} ${String(value)}`;
}
