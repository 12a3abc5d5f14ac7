import type { EffectiveContract } from './contract-rules.js';
import type { CheckResult } from './data-types.js';

export interface DeliveryCounts {
  /** Rows taken from the source, broken ones included. */
  readonly received: number;
  readonly faulty: number;
  /** Rows that broke a row or unique check, by the check's name. */
  readonly failedRows: Readonly<Record<string, number>>;
  /** Answers of the table checks over the sound rows, by name; null when unknown. */
  readonly tableAnswers: Readonly<Record<string, boolean | null>>;
  /** Declared columns that a file of the source lacks. */
  readonly missingColumns: readonly string[];
}

/** Checks that refuse a whole delivery when they fail; the others only send rows to quarantine. */
const REFUSING = new Set(['columns', 'received-rows', 'rejected-ratio']);

/** Judges a delivery from what was counted in the scan. Refused when any check that speaks of the whole fails. */
export function judgeDelivery(
  contract: EffectiveContract,
  counts: DeliveryCounts,
): { outcome: 'accepted' | 'refused'; checks: CheckResult[]; failedChecks: string[] } {
  const sound = counts.received - counts.faulty;
  const ratio = counts.received === 0 ? 0 : counts.faulty / counts.received;
  const checks: CheckResult[] = [
    result('columns', counts.missingColumns.length === 0, {
      observed: counts.missingColumns.length === 0 ? 'all present' : `without ${counts.missingColumns.join(', ')}`,
      expected: 'every declared column',
    }),
    result('received-rows', sound > 0, { observed: `${sound} usable of ${counts.received}`, expected: 'at least 1' }),
    result('rejected-ratio', ratio <= contract.maxRejectedRatio, {
      observed: ratio.toFixed(4),
      expected: `at most ${contract.maxRejectedRatio}`,
      failedRows: counts.faulty,
    }),
  ];
  const refusing = new Set(REFUSING);
  for (const check of contract.checks) {
    if (check.kind === 'row' || check.kind === 'unique') {
      const failedRows = counts.failedRows[check.name] ?? 0;
      const expected = check.kind === 'row' ? check.sql : `one row per ${check.columns.join(', ')}`;
      checks.push(result(check.name, failedRows === 0, { observed: `${failedRows} rows`, expected, failedRows }));
      continue;
    }
    refusing.add(check.name);
    if (check.kind === 'table') {
      const answer = counts.tableAnswers[check.name] ?? null;
      checks.push(
        result(check.name, answer === true, {
          observed: answer === null ? 'unknown' : String(answer),
          expected: check.sql,
        }),
      );
      continue;
    }
    const { min = 0, max = Number.POSITIVE_INFINITY } = check;
    const expected = [
      check.min === undefined ? '' : `at least ${min}`,
      check.max === undefined ? '' : `at most ${max}`,
    ];
    checks.push(
      result(check.name, sound >= min && sound <= max, {
        observed: `${sound} rows`,
        expected: expected.filter((part) => part !== '').join(', '),
      }),
    );
  }
  const failedChecks = checks.filter((c) => c.verdict === 'fail' && refusing.has(c.name)).map((c) => c.name);
  return { outcome: failedChecks.length === 0 ? 'accepted' : 'refused', checks, failedChecks };
}

function result(
  name: string,
  pass: boolean,
  facts: { observed: string; expected: string; failedRows?: number },
): CheckResult {
  return { name, verdict: pass ? 'pass' : 'fail', failedRows: 0, ...facts };
}
