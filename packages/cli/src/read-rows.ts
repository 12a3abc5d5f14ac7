import { cliErrors } from './cli-errors.js';
import { parseJson, readText } from './parse-values.js';

export type Row = Record<string, unknown>;

/** The rows of a CSV file (first line: names), of JSON lines, or of a JSON array. Throws CLI_FILE_UNREADABLE, CLI_USAGE. */
export async function readRows(path: string, cwd: string): Promise<Row[]> {
  const text = await readText(path, cwd);
  if (/\.csv$/i.test(path)) return csvRows(text, path);
  if (/\.(jsonl|ndjson)$/i.test(path)) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    return lines.map((line, i) => asRow(parseJson(line, `line ${i + 1} of ${path}`), path));
  }
  const content = parseJson(text, path);
  return (Array.isArray(content) ? content : [content]).map((row) => asRow(row, path));
}

function asRow(value: unknown, path: string): Row {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row;
  throw cliErrors.CLI_USAGE(`${path} holds something that is no row: every row is an object with named columns.`);
}

/** Cells that are numbers or true/false are sent as such, empty ones as missing, all others as text. */
function csvRows(text: string, path: string): Row[] {
  const [names, ...records] = parseCsv(text);
  if (names === undefined) throw cliErrors.CLI_USAGE(`${path} is empty.`);
  return records.map((cells, i) => {
    if (cells.length !== names.length) {
      throw cliErrors.CLI_USAGE(`Record ${i + 1} of ${path} has ${cells.length} cells, the head has ${names.length}.`);
    }
    return Object.fromEntries(names.map((name, column) => [name, cellValue(cells[column] as string)]));
  });
}

function cellValue(cell: string): unknown {
  if (cell === '') return null;
  if (cell === 'true' || cell === 'false') return cell === 'true';
  // A leading zero is a code and no number: 007 must arrive as it is.
  return /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(cell) ? Number(cell) : cell;
}

/** Records of RFC 4180: quotes may hold commas, line breaks and doubled quotes. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/gy;
  const source = text.replace(/^\ufeff/, '');
  while (cell.lastIndex < source.length) {
    const match = cell.exec(source);
    if (match === null) throw cliErrors.CLI_USAGE('The CSV has a quote in the wrong place.');
    record.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') {
      // A comma at the very end is followed by one more, empty cell.
      if (cell.lastIndex === source.length) record.push('');
      else continue;
    }
    if (record.length > 1 || record[0] !== '') records.push(record);
    record = [];
  }
  if (record.length > 0) records.push(record);
  return records;
}
