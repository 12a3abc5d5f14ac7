import type { ColumnGaps } from '../../data/index.js';

/** What was decided about cells that should be numbers and are none. */
export function gapNotes(gaps: readonly (Omit<ColumnGaps, 'example'> & { readonly example?: string })[]): string[] {
  return gaps.map(({ column, cells, example }) => {
    const which = example === undefined ? 'that are infinite or no number' : `such as "${example}"`;
    return `${cells} ${cells === 1 ? 'cell' : 'cells'} of ${column} ${which} ${cells === 1 ? 'was' : 'were'} taken for missing: a model reads finite numbers only.`;
  });
}
