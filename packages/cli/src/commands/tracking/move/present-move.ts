import { count, formatBytes } from '../../../terminal/format.js';
import { GAP, printTable } from '../../../terminal/print-table.js';
import type { Style } from '../../../terminal/style.js';
import { KINDS, type MoveTally } from './move-tally.js';
import type { MoveOutcome } from './move-types.js';

const SHOWN = 20;

/** The table of a move, what is not equal, and what that means. */
export function presentMove(tally: MoveTally, { source, dryRun, leftOut }: MoveOutcome, style: Style): string[] {
  const { kinds, problems, problemCount, fileBytes, differs } = tally;
  const number = (value: number) => value.toLocaleString('en-US');
  const titles = dryRun ? ['kind', 'found>'] : ['kind', 'found>', 'moved>', 'already here>', 'differs>'];
  const rows = KINDS.filter((kind) => kinds[kind].found > 0 || kinds[kind].differs > 0).map((kind) => {
    const { found, moved, already, differs: different } = kinds[kind];
    return dryRun ? [kind, number(found)] : [kind, ...[found, moved, already, different].map(number)];
  });
  const more = problemCount > SHOWN ? [`  … and ${number(problemCount - SHOWN)} more (--json names up to 1,000)`] : [];
  return [
    `${source.kind} ${source.address}`,
    printTable(titles, rows),
    fileBytes === 0 ? '' : `${formatBytes(fileBytes)} of files ${dryRun ? 'found' : 'moved'}`,
    ...leftOut.map(
      ({ what, count: left }) =>
        `left out: ${count(left, what.replace(/s$/, ''), what)} (this server has no place for them)`,
    ),
    ...(problemCount === 0 ? [] : [GAP, style.red(`${count(problemCount, 'problem')}:`)]),
    ...problems
      .slice(0, SHOWN)
      .map(({ place, problem }) => `  ${problem.includes(place) ? '' : `${place}: `}${problem}`),
    ...more,
    GAP,
    verdict({ dryRun, differs }, style),
  ];
}

function verdict({ dryRun, differs }: { dryRun: boolean; differs: boolean }, style: Style): string {
  if (dryRun) return differs ? style.red('counted, with problems') : 'counted; nothing was written';
  return differs
    ? style.red('not everything is here as it was found')
    : style.green('everything is here as it was found: counts, points and digests were compared');
}
