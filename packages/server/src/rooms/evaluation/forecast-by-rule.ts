import { rm } from 'node:fs/promises';
import { columnOf, createTable, isPresent, type Table } from '@fairlead/frame';
import { type Lake, quoteLiteral } from '../../platform/lake/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import { type ColumnType, checkExpression } from '../data/index.js';
import type { ModelSignature } from '../training/index.js';
import { evaluationErrors } from './evaluation-errors.js';

const TYPE_OF: Readonly<Record<'float64' | 'boolean' | 'string' | 'timestamp', ColumnType>> = {
  float64: 'number',
  boolean: 'boolean',
  string: 'string',
  timestamp: 'timestamp',
};

/**
 * The probability of the second label, or the number of a regression, by the user's SQL expression over each row. The target is not among the columns it
 * may speak of. A truth value counts as 0 or 1.
 *
 * @throws DATA_EXPRESSION_INVALID, EVAL_BASELINE_INVALID, EVAL_RULE_RANGE
 */
export async function forecastByRule(
  deps: { lake: Lake; objects: ObjectStore },
  rule: { readonly name: string; readonly sql: string },
  { table, signature: { task, target, labels } }: { table: Table; signature: ModelSignature },
): Promise<Float64Array> {
  const { lake, objects } = deps;
  const numbers = task === 'regression';
  if (!numbers && labels.length !== 2) {
    throw evaluationErrors.EVAL_BASELINE_INVALID(
      `The rule ${rule.name} gives the probability of one of two labels, but the model has ${labels.length}.`,
      { data: { name: rule.name, labels } },
    );
  }
  const visible = createTable([...table.columns].filter(([name]) => name !== target));
  const scope = [...visible.columns].map(([name, { kind }]) => ({ name, type: TYPE_OF[kind] }));
  const type = await checkExpression(lake, { key: `baselines.${rule.name}`, sql: rule.sql }, { scope });
  if (type !== 'number' && type !== 'integer' && type !== 'boolean') {
    throw evaluationErrors.EVAL_BASELINE_INVALID(
      `The rule ${rule.name} gives a ${type}, not a ${numbers ? 'number' : 'probability'}.`,
      {
        data: { name: rule.name, type },
      },
    );
  }
  const path = await objects.stagingPath('.parquet');
  try {
    await lake.writeParquet(visible, path);
    const from = `read_parquet(${quoteLiteral(path)}, file_row_number = true)`;
    const answers = await lake.query(
      `select cast((${rule.sql}\n) as double) as answer from ${from} order by file_row_number`,
    );
    return answersOf(rule.name, answers, numbers ? Number.isFinite : (value) => value >= 0 && value <= 1);
  } finally {
    await rm(path, { force: true });
  }
}

function answersOf(name: string, answers: Table, isFit: (value: number) => boolean): Float64Array {
  const column = columnOf(answers, 'answer');
  if (column.kind !== 'float64') throw new TypeError(`a double came back as ${column.kind}`);
  const { values, validity } = column;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] as number;
    if (isPresent(validity, row) && isFit(value)) continue;
    const given = isPresent(validity, row) ? String(value) : 'nothing';
    throw evaluationErrors.EVAL_RULE_RANGE(`The rule ${name} gives ${given} for row ${row}.`, {
      data: { name, row, given },
    });
  }
  return values;
}
