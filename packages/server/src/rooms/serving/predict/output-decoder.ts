import type { LoadedModel, NamedTensor, TensorSpec } from '../../../platform/inference/index.js';
import type { ModelInput, ModelSignature } from '../../training/index.js';
import { servingErrors } from '../serving-errors.js';
import type { OutputCell, Prediction } from '../serving-types.js';

export type DecodedRow = Omit<Prediction, 'id'>;

/** Reads the tensors of one model as predictions, one per row. */
export type OutputDecoder = (tensors: readonly NamedTensor[]) => DecodedRow[];

/** The tensors a packaged model takes for these inputs. */
function expectedInputs(inputs: readonly ModelInput[]): TensorSpec[] {
  return inputs.map(({ name, type }) => ({
    name,
    datatype: type === 'string' ? 'BYTES' : type === 'timestamp' ? 'INT64' : 'FP32',
    shape: [-1, 1],
  }));
}

/**
 * Checks that a model's tensors are those its signature promises and compiles the way back from its outputs.
 * A classifier gives `label` (BYTES or INT64 [rows]) and `probabilities` (FP32 or FP64 [rows, labels]), which only another server may
 * leave out; any other model gives
 * numbers: the first of its first float output is the value, and its text the label. What else a model gives, more outputs
 * or more elements per row, stands in `outputs`.
 *
 * @throws SRV_SIGNATURE_MISMATCH
 */
export function compileOutputDecoder(
  signature: ModelSignature,
  model: Pick<LoadedModel, 'inputs' | 'outputs'> & { readonly placement?: LoadedModel['placement'] },
): OutputDecoder {
  for (const spec of expectedInputs(signature.inputs)) {
    const actual = model.inputs.find(({ name }) => name === spec.name);
    if (actual?.datatype !== spec.datatype) throw mismatch(`input ${spec.name}`, { actual, expected: spec.datatype });
  }
  const surplus = model.inputs.find(({ name }) => !signature.inputs.some((input) => input.name === name));
  if (surplus !== undefined) throw mismatch(`input ${surplus.name}`, { actual: surplus, expected: 'no such input' });
  return signature.task === 'classification' ? compileClasses(signature, model) : compileNumber(model.outputs);
}

function compileClasses(
  { labels }: ModelSignature,
  { outputs, placement }: Parameters<typeof compileOutputDecoder>[1],
): OutputDecoder {
  const label = outputs.find(({ name }) => name === 'label');
  const scores = outputs.find(({ name }) => name === 'probabilities');
  if (label === undefined || !['BYTES', 'INT64'].includes(label.datatype)) {
    throw mismatch('output label', { actual: label, expected: 'BYTES or INT64' });
  }
  const readRest = compileRest(outputs.filter((output) => output !== label && output !== scores));
  const isElsewhere = placement === 'remote' || placement === 'program';
  if (scores === undefined && isElsewhere) return (tensors) => readLabels(tensors, readRest);
  const width = scores?.shape.at(-1);
  const fits = scores !== undefined && isFloat(scores) && (width === labels.length || width === -1);
  if (!fits) throw mismatch('output probabilities', { actual: scores, expected: `FP32 [-1, ${labels.length}]` });
  return (tensors) => {
    const names = dataOf(tensors, 'label') as ArrayLike<unknown>;
    const values = dataOf(tensors, 'probabilities') as ArrayLike<number>;
    const rows: DecodedRow[] = new Array(names.length);
    for (let row = 0; row < names.length; row += 1) {
      const probabilities: Record<string, number> = {};
      for (let k = 0; k < labels.length; k += 1) {
        probabilities[labels[k] as string] = values[row * labels.length + k] as number;
      }
      rows[row] = { label: String(names[row]), probabilities, ...readRest?.(tensors, row) };
    }
    return rows;
  };
}

/** Of a server that says no more than the label. */
function readLabels(tensors: readonly NamedTensor[], readRest: ReturnType<typeof compileRest>): DecodedRow[] {
  const names = [...dataOf(tensors, 'label')];
  return names.map((name, row) => ({ label: String(name), probabilities: {}, ...readRest?.(tensors, row) }));
}

function compileNumber(outputs: readonly TensorSpec[]): OutputDecoder {
  const output = outputs.find(isFloat);
  if (output === undefined) throw mismatch('output', { actual: outputs[0], expected: 'FP32 or FP64' });
  const wide = output.shape.slice(1).some((size) => size !== 1);
  const readRest = compileRest(wide || outputs.length > 1 ? outputs : []);
  return (tensors) => {
    const { data, shape } = tensors.find(({ name }) => name === output.name) as NamedTensor;
    const values = data as ArrayLike<number>;
    const count = shape[0] ?? 1;
    const width = values.length / count;
    return Array.from({ length: count }, (_, row) => {
      const value = values[row * width] as number;
      return { label: String(value), probabilities: {}, value, ...readRest?.(tensors, row) };
    });
  };
}

type Rest = { readonly outputs: Readonly<Record<string, OutputCell>> };

/** Reads one row of these outputs; undefined when there are none. */
function compileRest(
  specs: readonly TensorSpec[],
): ((tensors: readonly NamedTensor[], row: number) => Rest) | undefined {
  if (specs.length === 0) return undefined;
  return (tensors, row) => ({
    outputs: Object.fromEntries(
      tensors
        .filter(({ name }) => specs.some((spec) => spec.name === name))
        .map((tensor) => [tensor.name, cellOf(tensor, row)]),
    ),
  });
}

function cellOf({ data, shape, datatype }: NamedTensor, row: number): OutputCell {
  const width = shape.slice(1).reduce((product, size) => product * size, 1);
  const cells = Array.from({ length: width }, (_, i) => {
    const value = data[row * width + i] as number | bigint | string;
    if (datatype === 'BOOL') return value === 1;
    if (typeof value !== 'bigint') return value;
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  });
  return shape.length < 2 || (width === 1 && shape.length === 2) ? (cells[0] as number | string | boolean) : cells;
}

/** The first output that holds NaN or an infinity, or undefined. */
export function findNonFinite(tensors: readonly NamedTensor[]): { name: string; index: number } | undefined {
  for (const { name, data } of tensors) {
    if (!(data instanceof Float32Array || data instanceof Float64Array)) continue;
    for (let index = 0; index < data.length; index += 1) if (!Number.isFinite(data[index])) return { name, index };
  }
  return undefined;
}

const isFloat = ({ datatype }: TensorSpec) => datatype === 'FP32' || datatype === 'FP64';

function dataOf(tensors: readonly NamedTensor[], name: string) {
  return tensors.find((tensor) => tensor.name === name)?.data ?? [];
}

function mismatch(what: string, { actual, expected }: { actual: TensorSpec | undefined; expected: string }): Error {
  const got = actual === undefined ? 'nothing' : `${actual.datatype} [${actual.shape.join(', ')}]`;
  return servingErrors.SRV_SIGNATURE_MISMATCH(`By its signature the ${what} is ${expected}, but the file has ${got}.`, {
    data: { what, got, expected },
  });
}
