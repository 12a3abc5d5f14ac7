import { mlflowErrors } from '../mlflow-errors.js';
import { isRecord } from '../read-fields.js';

export type Row = Readonly<Record<string, unknown>>;

const MAX_RANK = 8;

const FORMS = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;

/**
 * The rows of a scoring request in one of MLflow's four JSON forms. `columns` are the model's, in their order: they name the
 * cells of rows that come as plain lists.
 *
 * @throws MLF_SCORING_INPUT
 */
export function readScoringRows(body: unknown, columns: readonly string[]): Row[] {
  if (!isRecord(body))
    throw badInput(`The body is ${Array.isArray(body) ? 'a list' : 'no object'}, expected an object`);
  const given = FORMS.filter((form) => Object.hasOwn(body, form));
  const [form] = given;
  if (form === undefined || given.length !== 1) {
    throw badInput(
      `The body has ${given.join(' and ') || 'none of them'}, expected exactly one of ${FORMS.join(', ')}`,
    );
  }
  if (body.params !== undefined && body.params !== null && !isRecord(body.params)) {
    throw badInput('params is no object');
  }
  const content = body[form];
  if (form === 'dataframe_split') return readSplit(content);
  if (form === 'dataframe_records') return readRecords(content);
  if (body.signature_name !== undefined) throw badInput('signature_name is not supported');
  return form === 'instances' ? readInstances(content, columns) : readInputs(content, columns);
}

/** Rows as text, from CSV: the first names the columns. */
export function rowsOf(columns: readonly string[], cells: readonly (readonly unknown[])[], place: string): Row[] {
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined) throw badInput(`${place} names the column ${twice.slice(0, 60)} twice`);
  return cells.map((row, i) => {
    if (!Array.isArray(row) || row.length !== columns.length) {
      const got = Array.isArray(row) ? `${row.length} cells` : 'no list';
      throw badInput(`Row ${i} of ${place} is ${got}, expected ${columns.length} cells`);
    }
    return Object.fromEntries(columns.map((name, k) => [name, row[k]]));
  });
}

function readSplit(content: unknown): Row[] {
  if (!isRecord(content)) throw badInput('dataframe_split is no object');
  const odd = Object.keys(content).find((key) => !['columns', 'index', 'data'].includes(key));
  if (odd !== undefined)
    throw badInput(`dataframe_split has the member ${odd.slice(0, 60)}, expected columns, index, data`);
  const { columns, data } = content;
  if (!Array.isArray(data)) throw badInput('dataframe_split.data is no list of rows');
  if (!Array.isArray(columns) || !columns.every((name) => typeof name === 'string')) {
    throw badInput('dataframe_split.columns is no list of names');
  }
  return rowsOf(columns, data, 'dataframe_split');
}

function readRecords(content: unknown): Row[] {
  if (!Array.isArray(content)) throw badInput('dataframe_records is no list of records');
  content.forEach((row, i) => {
    if (!isRecord(row)) throw badInput(`Record ${i} of dataframe_records is no object`);
  });
  return content;
}

function readInstances(content: unknown, columns: readonly string[]): Row[] {
  if (!Array.isArray(content)) throw badInput('instances is no list');
  if (content.every(isRecord)) return content;
  // A row of an image is its elements in their order.
  const rows = content.every(Array.isArray) ? content.map((row) => row.flat(MAX_RANK)) : content.map((cell) => [cell]);
  return rowsOf(columns, rows, 'instances');
}

/** Columns, each a list of the same length or one cell; or rows as plain lists. */
function readInputs(content: unknown, columns: readonly string[]): Row[] {
  if (Array.isArray(content)) return readInstances(content, columns);
  if (!isRecord(content)) throw badInput('inputs is neither columns nor a list of rows');
  const lists = Object.entries(content).map(
    ([name, cells]) => [name, Array.isArray(cells) ? cells.map(flat) : [cells]] as const,
  );
  const length = lists[0]?.[1].length ?? 0;
  const odd = lists.find(([, cells]) => cells.length !== length);
  if (odd !== undefined) {
    throw badInput(`The column ${odd[0].slice(0, 60)} of inputs has ${odd[1].length} cells, the first has ${length}`);
  }
  return Array.from({ length }, (_, row) => Object.fromEntries(lists.map(([name, cells]) => [name, cells[row]])));
}

/** A cell of a column tensor [rows, 1]. */
const flat = (cell: unknown): unknown => (Array.isArray(cell) && cell.length === 1 ? cell[0] : cell);

export function badInput(message: string): Error {
  return mlflowErrors.MLF_SCORING_INPUT(`${message}.`);
}
