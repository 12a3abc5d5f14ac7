import type { NamedTensor, TensorSpec } from '../../../platform/inference/index.js';
import type { ValueType } from '../../../platform/lake/index.js';
import type { ModelSignature } from '../../training/index.js';
import { servingErrors } from '../serving-errors.js';

/** What a column holds: texts, or numbers of a type. */
export type AnswerType = ValueType | 'text';

/** A column of the answers. */
export interface AnswerColumn {
  readonly name: string;
  /** Which element of a row's output it shows; null: all of them, as a list. */
  readonly element: number | null;
}

/** One output of a model as columns of the file. */
export interface AnswerOutput {
  readonly tensor: string;
  readonly type: AnswerType;
  /** Elements per row. */
  readonly width: number;
  readonly columns: readonly AnswerColumn[];
}

/** Which columns the answers of a model become. */
export interface AnswerLayout {
  readonly outputs: readonly AnswerOutput[];
  /** Of the file, in order. */
  readonly names: readonly string[];
  /** Tensors that must be computed. */
  readonly tensors: readonly string[];
}

const TYPES: Partial<Record<TensorSpec['datatype'], AnswerType>> = {
  ...{ FP32: 'float', FP64: 'double', BYTES: 'text', BOOL: 'bool' },
  ...{ INT8: 'int8', INT16: 'int16', INT32: 'int32', INT64: 'int64' },
  ...{ UINT8: 'uint8', UINT16: 'uint16', UINT32: 'uint32', UINT64: 'uint64' },
};

/**
 * The members of a real-time answer as columns: `label` and `probability_<label>` of a classifier; of other models `value`; and
 * `output_<name>` of whatever a model gives beyond that, a list where a row has several elements.
 *
 * @param examples what the model answered to `rows` example rows; they say how wide each output is
 * @param taken names of kept columns: an answer with such a name gets `_` behind it
 * @throws SRV_SIGNATURE_MISMATCH
 */
export function layOut(
  { task, labels }: ModelSignature,
  specs: readonly TensorSpec[],
  { examples, rows, taken }: { examples: readonly NamedTensor[]; rows: number; taken: readonly string[] },
): AnswerLayout {
  const used = new Set(taken);
  const free = (name: string): string => {
    let found = name;
    while (used.has(found)) found = `${found}_`;
    used.add(found);
    return found;
  };
  const sized = specs.map((spec) => sizedOf(spec, examples, rows));
  const outputs: AnswerOutput[] = [];
  if (task === 'classification') {
    // Labels are texts whatever the model has.
    const label = { tensor: 'label', type: 'text', width: 1 } as const;
    outputs.push({ ...label, columns: [{ name: free('label'), element: 0 }] });
    // Another server may say no more than the label.
    const probabilities = sized.find(({ tensor }) => tensor === 'probabilities');
    if (probabilities !== undefined) {
      const columns = labels.map((name, element) => ({ name: free(`probability_${name}`), element }));
      outputs.push({ ...probabilities, columns });
    }
    const rest = sized.filter(({ tensor }) => tensor !== 'label' && tensor !== 'probabilities');
    outputs.push(...rest.map((one) => wholeOutput(one, free)));
  } else {
    const first = sized.find(({ type }) => type === 'float' || type === 'double');
    // The first element of a row, as the real-time answer has it.
    if (first !== undefined) outputs.push({ ...first, columns: [{ name: free('value'), element: 0 }] });
    const simple = sized.length === 1 && first?.width === 1;
    if (!simple) outputs.push(...sized.map((one) => wholeOutput(one, free)));
  }
  return {
    outputs,
    names: outputs.flatMap(({ columns }) => columns.map(({ name }) => name)),
    tensors: [...new Set(outputs.map(({ tensor }) => tensor))],
  };
}

type Sized = Omit<AnswerOutput, 'columns'>;

function sizedOf({ name, datatype }: TensorSpec, examples: readonly NamedTensor[], rows: number): Sized {
  const width = (examples.find((example) => example.name === name)?.data.length ?? 0) / rows;
  const type = TYPES[datatype];
  if (Number.isInteger(width) && width > 0 && type !== undefined) return { tensor: name, type, width };
  const got = `${datatype}, ${width} elements per row`;
  throw servingErrors.SRV_SIGNATURE_MISMATCH(`Output ${name} cannot become columns: ${got}.`, {
    data: { output: name, got },
  });
}

function wholeOutput(sized: Sized, free: (name: string) => string): AnswerOutput {
  return { ...sized, columns: [{ name: free(`output_${sized.tensor}`), element: sized.width === 1 ? 0 : null }] };
}
