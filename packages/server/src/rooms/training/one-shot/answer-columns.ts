import { type Column, columnFromValues, createTable, type Table } from '@fairlead/frame';
import type { ModelAnswers } from '../model-scorer.js';
import type { ModelSignature } from '../training-types.js';

/** The kept columns, then what the model decided, then the numbers behind it. */
export function answerColumns(
  kept: Table,
  { values, decisions }: ModelAnswers,
  { signature, rowCount }: { signature: ModelSignature; rowCount: number },
): Table {
  const columns: [string, Column][] = [...kept.columns];
  const add = (name: string, column: Column) => {
    // A kept column may have the name of an answer; the answer gives way.
    const taken = new Set(columns.map(([one]) => one));
    let free = name;
    while (taken.has(free)) free = `${free}_`;
    columns.push([free, column]);
  };
  const width = rowCount === 0 ? 0 : values.length / rowCount;
  const at = (k: number): Column => ({
    kind: 'float64',
    values: Float64Array.from({ length: rowCount }, (_, row) => values[row * width + k] as number),
  });
  const text = (): Column => columnFromValues('string', decisions);
  const whole = (): Column => ({ kind: 'float64', values: Float64Array.from(decisions, Number) });
  switch (signature.task) {
    case 'classification':
      add('label', text());
      for (const [k, label] of signature.labels.entries()) add(`probability_${label}`, at(k));
      break;
    case 'regression':
      add('prediction', at(0));
      break;
    case 'clustering':
      add('cluster', whole());
      for (let k = 0; k < width; k += 1) add(`distance_${k}`, at(k));
      break;
    case 'anomaly':
      add('anomaly', whole());
      add('score', at(0));
  }
  return createTable(columns);
}
