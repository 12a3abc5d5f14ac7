import { badInput } from './scoring-rows.js';

/**
 * The cells of a CSV text (RFC 4180), line by line: commas, cells in double quotes with quotes doubled, lines ended by LF or
 * CRLF, empty lines passed over.
 *
 * @throws MLF_SCORING_INPUT for a quote that is not closed
 */
export function readCsv(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  // A cell in quotes, or one without, and what ends it.
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (match === null) throw badInput(`Line ${lines.length + 1} of the CSV cannot be read at character ${at}`);
    const [, quoted, plain = '', end] = match;
    line.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') {
      if (cell.lastIndex === text.length) line.push('');
      continue;
    }
    if (line.length > 1 || line[0] !== '') lines.push(line);
    line = [];
  }
  if (line.length > 0) lines.push(line);
  return lines;
}
