import { splitRecord } from './csv-dialect-rules.js';
import type { QuarantinedRow, SourceFormat } from './data-types.js';
import { REASON } from './reason-codes.js';
import { MASK_BITS, type RowRule } from './scan-rules.js';

type Reason = QuarantinedRow['reasons'][number];

/** The rules that a row broke, by the bits of its masks. */
export function brokenRules(rules: readonly RowRule[], masks: readonly number[]): RowRule[] {
  const broken: RowRule[] = [];
  masks.forEach((mask, m) => {
    for (let bit = 0, rest = mask; rest > 0; bit += 1, rest = Math.floor(rest / 2)) {
      const rule = rest % 2 === 1 ? rules[m * MASK_BITS + bit] : undefined;
      if (rule !== undefined) broken.push(rule);
    }
  });
  return broken;
}

/** Says in words what is wrong with a row. `cell` gives the raw value of a contract column. */
export function describeReasons(rules: readonly RowRule[], cell: (column: string) => string): Reason[] {
  if (rules.length === 0) {
    return [{ code: REASON.DELIVERY_REFUSED, column: null, message: 'the delivery was refused as a whole' }];
  }
  return rules.map(({ code, column, check, expected }) => {
    if (code === REASON.ROW_CHECK) return { code, column, message: `the check ${check} does not hold: ${expected}` };
    if (code === REASON.DUPLICATE_KEY) {
      return { code, column, message: `the check ${check} fails: an earlier row has the same ${expected}` };
    }
    if (column === null) return { code, column, message: expected };
    const value = code === REASON.MISSING_REQUIRED ? '' : ` ${cell(column)}`;
    return { code, column, message: `${column}${value} ${expected}` };
  });
}

/** Reads single cells out of a raw row, for messages. */
export function cellReader(
  raw: string,
  source: { format: SourceFormat; delimiter?: string | undefined; header: readonly string[] },
): (sourceColumn: string) => string {
  if (source.format === 'csv') {
    const fields = splitRecord(raw, source.delimiter ?? ',');
    return (name) => quote(fields[source.header.indexOf(name)]);
  }
  const row = parseRow(raw);
  return (name) => quote(row[name]);
}

function parseRow(raw: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function quote(value: unknown): string {
  const written = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const short = written.length > 80 ? `${written.slice(0, 80)}…` : written;
  return typeof value === 'number' ? short : `"${short}"`;
}
