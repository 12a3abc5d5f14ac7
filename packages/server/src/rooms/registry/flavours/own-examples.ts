import type { ModelInput, ModelSignature } from '../../training/index.js';

const MAX_ROWS = 3;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * The signature with the first rows of the model's input example: a one-hot encoder answers no row that is made up. `text` is MLflow's
 * `serving_input_example.json` or `input_example.json`; rows that do not fit the columns are left out, and what cannot be read is
 * as if it was not there.
 */
export function withExamples(signature: ModelSignature, text: string): ModelSignature {
  const rows = rowsOf(text, signature.inputs)
    .filter((row) => signature.inputs.every((input) => fits(row[input.name], input)))
    .slice(0, MAX_ROWS);
  if (rows.length === 0) return signature;
  const inputs = signature.inputs.map((input) => ({
    ...input,
    examples: rows.map((row) => row[input.name] as string | number | boolean),
  }));
  return { ...signature, inputs };
}

type Row = Readonly<Record<string, unknown>>;

function rowsOf(text: string, inputs: readonly ModelInput[]): Row[] {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return [];
  }
  const names = inputs.map(({ name }) => name);
  const { dataframe_split: split, inputs: tensor } = Object(root) as { dataframe_split?: unknown; inputs?: unknown };
  const { columns, data } = Object(split ?? root) as { columns?: unknown; data?: unknown };
  if (Array.isArray(columns) && Array.isArray(data)) return data.map((row) => rowOf(columns, row));
  const cells = Array.isArray(root) ? root : Array.isArray(tensor) ? tensor : Object.values(Object(tensor))[0];
  return Array.isArray(cells) ? cells.map((row) => rowOf(names, row)) : [];
}

function rowOf(names: readonly unknown[], cells: unknown): Row {
  if (!Array.isArray(cells)) return {};
  return Object.fromEntries(names.map((name, at) => [String(name), cells[at]]));
}

function fits(value: unknown, { type }: ModelInput): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string' && value !== '';
    case 'boolean':
      return typeof value === 'boolean';
    case 'timestamp':
      return typeof value === 'string' && ISO_TIME.test(value);
    case 'integer':
      return Number.isSafeInteger(value);
    default:
      return typeof value === 'number' && Number.isFinite(Math.fround(value));
  }
}
