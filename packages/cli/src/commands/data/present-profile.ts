import type { TableProfileView } from '@fairlead/contracts';
import { count, formatNumber, formatRatio, formatTime } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const BAR_COUNT = 16;

interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

/** One line per column: missing, range or most frequent values, and a small histogram. `types` says which are times. */
export function presentProfile(
  { rowCount, columns }: TableProfileView,
  types: readonly TypedColumn[],
): readonly string[] {
  const times = new Set(types.filter(({ type }) => type === 'timestamp').map(({ name }) => name));
  return [
    count(rowCount, 'row'),
    printTable(
      ['column', 'missing>', 'min>', 'mean>', 'max>', 'distribution'],
      columns.map((column) => {
        const missing = formatRatio(rowCount === 0 ? 0 : column.missing / rowCount);
        if (column.kind === 'numeric') {
          const { name, min, mean, max, counts } = column;
          const format = times.has(name)
            ? (atMs: number | null) => (atMs === null ? '' : formatTime(atMs))
            : formatNumber;
          return [name, missing, format(min), times.has(name) ? '' : format(mean), format(max), sparkline(counts)];
        }
        const named = column.categories.slice(0, 4).map(([label, rows]) => `${label} ${share(rows, column.count)}`);
        return [column.name, missing, '', '', '', named.join(', ')];
      }),
    ),
  ];
}

const share = (rows: number, of: number) => formatRatio(of === 0 ? 0 : rows / of);

function sparkline(counts: readonly number[]): string {
  const bars = Array.from({ length: Math.min(BAR_COUNT, counts.length) }, () => 0);
  for (const [i, rows] of counts.entries()) {
    const bar = Math.floor((i * bars.length) / counts.length);
    bars[bar] = (bars[bar] ?? 0) + rows;
  }
  const highest = Math.max(1, ...bars);
  return bars.map((rows) => (rows === 0 ? ' ' : BARS[Math.ceil((rows / highest) * BARS.length) - 1])).join('');
}
