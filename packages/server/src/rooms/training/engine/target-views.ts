import type { ProblemTarget } from './engine-types.js';

/** The target of the rows at `rows`. */
export function selectTarget(target: ProblemTarget, rows: Int32Array): ProblemTarget {
  if (target.kind === 'none') return target;
  if (target.kind === 'classes') {
    const codes = new Int32Array(rows.length);
    for (let i = 0; i < rows.length; i += 1) codes[i] = target.codes[rows[i] as number] as number;
    return { ...target, codes };
  }
  const values = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) values[i] = target.values[rows[i] as number] as number;
  return { ...target, values };
}
