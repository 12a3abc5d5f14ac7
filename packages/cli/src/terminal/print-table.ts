import { withoutEscapes } from './style.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Columns by title; a title that ends in `>` is aligned to the right. */
function columnOf(title: string): Column {
  return title.endsWith('>') ? { title: title.slice(0, -1), align: 'right' } : { title };
}

const widthOf = (text: string) => [...withoutEscapes(text)].length;

/** Text from the server must not move the cursor or break the line. */
function clean(cell: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out; escape sequences of ours stay
  return cell.replace(/[\u0000-\u001a\u001c-\u001f\u007f-\u009f]+/g, ' ');
}

/**
 * An aligned table with a head line, two spaces between columns and no lines at its end. `rows` may hold styled text.
 *
 * @example
 * printTable(['model', 'versions>'], [['rain', '3']]);
 * // model  versions
 * // rain          3
 */
export function printTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = titles.map(columnOf);
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => columns.map((_, i) => clean(row[i] ?? '')))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => widthOf(line[i] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, i) => {
          const space = ' '.repeat((widths[i] ?? 0) - widthOf(cell));
          return columns[i]?.align === 'right' ? space + cell : cell + space;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A blank line between two blocks of an output; an empty text is left out instead. */
export const GAP = ' ';

/** Facts of one thing: names to the left, values to the right; facts without a value are left out. */
export function printFacts(facts: Readonly<Record<string, string | null | undefined>>): string {
  const given = Object.entries(facts).filter((fact): fact is [string, string] => (fact[1] ?? '') !== '');
  const width = Math.max(0, ...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${name.padEnd(width)}  ${clean(value)}`.trimEnd()).join('\n');
}
