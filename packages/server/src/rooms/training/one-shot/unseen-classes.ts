import { type Column, cellAt } from '@fairlead/frame';
import type { ModelSignature } from '../training-types.js';

/** Test rows whose class training never saw cannot be scored by probabilities; they are taken out and counted. */
export function splitUnseen(
  target: Column,
  { rows, signature }: { rows: Int32Array; signature: ModelSignature },
): { rows: Int32Array; note: string | null } {
  if (signature.task !== 'classification' || target.kind === 'boolean') return { rows, note: null };
  const known = new Set(signature.labels);
  const strangers = new Map<string, number>();
  const left = rows.filter((row) => {
    const label = String(cellAt(target, row));
    if (known.has(label)) return true;
    strangers.set(label, (strangers.get(label) ?? 0) + 1);
    return false;
  });
  if (strangers.size === 0) return { rows, note: null };
  const count = rows.length - left.length;
  const names = [...strangers.keys()].sort().slice(0, 10).join(', ');
  return {
    rows: left,
    note: `${count} of ${rows.length} test rows are of classes that no training row has (${names}): the model gets all of them wrong, and the test scores leave them out.`,
  };
}
