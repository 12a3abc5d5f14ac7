import { type Column, columnLength, columnOf, createTable, isPresent, selectRows } from '@fairlead/frame';
import { findTrainer, range, type Task, UNLABELLED } from '@fairlead/num';
import type { Candidate } from './candidate-rules.js';
import type { ProblemTarget } from './engine/engine-types.js';
import { type FoldPlan, type PlannedFolds, planValidation } from './engine/plan-folds.js';
import { encodeTarget, type TargetOptions } from './target-rules.js';

/** True when rows without a class are something to learn from, and not a mistake. */
export function learnsUnlabelled(candidates: readonly Pick<Candidate, 'trainer'>[], task: Task): boolean {
  return task === 'classification' && candidates.every(({ trainer }) => findTrainer(trainer)?.takesUnlabelled === true);
}

/** The target with code −1 in rows that have none. Throws what {@link encodeTarget} throws of the others. */
export function encodePartly(name: string, column: Column, options: TargetOptions): ProblemTarget {
  const labelled = range(columnLength(column)).filter((row) => isLabelled(column, row));
  const known = selectRows(createTable([[name, column]]), labelled);
  const encoded = encodeTarget(name, columnOf(known, name), options);
  if (encoded.kind !== 'classes') return encoded;
  const codes = new Int32Array(columnLength(column)).fill(UNLABELLED);
  for (const [i, row] of labelled.entries()) codes[row] = encoded.codes[i] as number;
  return { ...encoded, codes };
}

function isLabelled(column: Column, row: number): boolean {
  return isPresent(column.validity, row) && !(column.kind === 'float64' && Number.isNaN(column.values[row]));
}

/**
 * Folds over the rows that have a class; the others are in every training part, in order of time only those before the test
 * part. Nothing is judged by a row without a class.
 */
export function planPartly(plan: FoldPlan): PlannedFolds {
  const { target, table, ordered } = plan;
  if (target.kind !== 'classes' || !target.codes.includes(UNLABELLED)) return planValidation(plan);
  const rows = range(target.codes.length);
  const labelled = rows.filter((row) => target.codes[row] !== UNLABELLED);
  const open = rows.filter((row) => target.codes[row] === UNLABELLED);
  const planned = planValidation({
    ...plan,
    table: selectRows(table, labelled),
    target: { ...target, codes: target.codes.filter((code) => code !== UNLABELLED) },
  });
  const folds = planned.folds.map(({ train, test }) => {
    const inTable = (part: Int32Array) => part.map((row) => labelled[row] as number);
    const [learned, judged] = [inTable(train), inTable(test)];
    const first = judged.reduce((least, row) => Math.min(least, row), rows.length);
    const own = ordered ? open.filter((row) => row < first) : open;
    return { train: joined(learned, own), test: judged };
  });
  return { ...planned, folds };
}

/** Rows of both, ascending. */
export function joined(a: Int32Array, b: Int32Array): Int32Array {
  const rows = new Int32Array(a.length + b.length);
  rows.set(a);
  rows.set(b, a.length);
  return rows.sort();
}
