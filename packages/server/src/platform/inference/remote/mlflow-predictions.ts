import type { NamedTensor, TensorSpec } from '../inference-types.js';
import { unusable } from './model-protocol.js';

/** What a model of this protocol gives for each row. */
export interface PredictionForm {
  readonly kind: 'label' | 'probabilities' | 'number' | 'numbers' | 'members';
  readonly outputs: readonly TensorSpec[];
}

const LABEL: TensorSpec = { name: 'label', datatype: 'BYTES', shape: [-1] };
const numbers = (name: string, width?: number): TensorSpec => ({
  name,
  datatype: 'FP64',
  shape: width === undefined ? [-1] : [-1, width],
});

/**
 * How the predictions of the example rows are to be read: for labels a label or a probability per label (as a list in their order,
 * or as members named like them); else a number, a list of numbers or numbers by name.
 *
 * @throws INF_REMOTE_ANSWER for anything else
 */
export function recogniseForm([first]: readonly unknown[], labels: readonly string[]): PredictionForm {
  const probabilities = { kind: 'probabilities', outputs: [LABEL, numbers('probabilities', labels.length)] } as const;
  if (Array.isArray(first)) {
    if (labels.length === 0) return { kind: 'numbers', outputs: [numbers('prediction', first.length)] };
    if (first.length === labels.length) return probabilities;
    throw unusable(`it gives ${first.length} numbers per row for ${labels.length} labels`);
  }
  if (typeof first === 'object' && first !== null) {
    const names = Object.keys(first);
    if (labels.length === 0) return { kind: 'members', outputs: names.map((name) => numbers(name)) };
    if (labels.every((label) => names.includes(label))) return { ...probabilities, kind: 'members' };
    throw unusable(`it gives ${names.slice(0, 20).join(', ')} per row, which are not the labels of its signature`);
  }
  if (labels.length > 0) return { kind: 'label', outputs: [LABEL] };
  return { kind: 'number', outputs: [numbers('prediction')] };
}

interface Reading {
  readonly form: PredictionForm;
  readonly labels: readonly string[];
  readonly rows: number;
}

/** One tensor per output of the form. @throws INF_REMOTE_ANSWER for rows that are of another form, or too few */
export function readPredictions(
  predictions: readonly unknown[],
  { form, labels, rows }: Reading,
): readonly NamedTensor[] {
  if (predictions.length !== rows) throw unusable(`it has ${predictions.length} predictions for ${rows} rows`);
  const { kind, outputs } = form;
  if (kind === 'label') return [{ ...LABEL, shape: [rows], data: predictions.map(textOf) }];
  const isClassifier = labels.length > 0;
  const names = kind !== 'members' ? [] : isClassifier ? labels : outputs.map(({ name }) => name);
  const cells = predictions.map((row) => rowOf(row, kind, names));
  if (isClassifier) {
    const likeliest = cells.map((row) => labels[row.indexOf(Math.max(...row))] ?? '');
    const spec = outputs[1] as TensorSpec;
    return [{ ...LABEL, shape: [rows], data: likeliest }, matrixOf(spec, cells)];
  }
  if (kind !== 'members') return [matrixOf(outputs[0] as TensorSpec, cells)];
  return outputs.map((spec, k) =>
    matrixOf(
      spec,
      cells.map((row) => [row[k] as number]),
    ),
  );
}

function rowOf(row: unknown, kind: PredictionForm['kind'], names: readonly string[]): number[] {
  if (kind === 'number') return [numberOf(row)];
  if (kind === 'numbers' || kind === 'probabilities') {
    if (!Array.isArray(row)) throw unusable('a row is no list');
    return row.map(numberOf);
  }
  const members = Object(row) as Readonly<Record<string, unknown>>;
  return names.map((name) => numberOf(Object.hasOwn(members, name) ? members[name] : undefined));
}

function matrixOf(spec: TensorSpec, cells: readonly (readonly number[])[]): NamedTensor {
  const width = spec.shape[1] ?? 1;
  if (cells.some((row) => row.length !== width)) throw unusable(`a row has not ${width} numbers`);
  const shape = spec.shape.length === 1 ? [cells.length] : [cells.length, width];
  return { name: spec.name, datatype: 'FP64', shape, data: Float64Array.from(cells.flat()) };
}

/** A missing number is NaN, which no caller is given. */
function numberOf(value: unknown): number {
  if (value === null) return Number.NaN;
  if (typeof value === 'number') return value;
  throw unusable('a prediction is no number');
}

function textOf(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw unusable('a prediction is no label');
}
