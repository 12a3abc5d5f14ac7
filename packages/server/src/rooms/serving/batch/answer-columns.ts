import { emptyValidity, markPresent } from '@fairlead/frame';
import type { NamedTensor, TensorSpec } from '../../../platform/inference/index.js';
import { quoteIdentifier, quoteLiteral, type StagedColumn } from '../../../platform/lake/index.js';
import type { ModelSignature } from '../../training/index.js';
import { servingErrors } from '../serving-errors.js';

type Encoding = 'float32' | 'float64' | 'int32' | 'text' | 'label';

/** One output of a model as columns of the file; `width` elements per row. */
interface Output {
  readonly tensor: string;
  readonly encoding: Encoding;
  readonly width: number;
  /** Of the file: one per element, or one list of them. */
  readonly names: readonly string[];
  /** SQL over the staged columns that makes what the file shows. */
  readonly show: (staged: readonly string[]) => string;
}

/** Which columns the answers of a model become. */
export interface AnswerLayout {
  readonly outputs: readonly Output[];
  /** Of the file, in order. */
  readonly names: readonly string[];
  /** Tensors that must be computed. */
  readonly tensors: readonly string[];
}

const ENCODINGS: Partial<Record<TensorSpec['datatype'], Encoding>> = {
  ...{
    FP32: 'float32',
    FP64: 'float64',
    BYTES: 'text',
    BOOL: 'int32',
    INT64: 'text',
    UINT64: 'text',
    UINT32: 'float64',
  },
  ...{ INT8: 'int32', INT16: 'int32', INT32: 'int32', UINT8: 'int32', UINT16: 'int32' },
};
/** What the engine is told a staged value is, where that is not its type already. */
const CASTS: Partial<Record<TensorSpec['datatype'], string>> = {
  ...{ BOOL: 'BOOLEAN', INT64: 'BIGINT', UINT64: 'UBIGINT', UINT32: 'UINTEGER' },
  ...{ INT8: 'TINYINT', INT16: 'SMALLINT', UINT8: 'UTINYINT', UINT16: 'USMALLINT' },
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
  const outputs: Output[] = [];
  if (task === 'classification') {
    outputs.push(labelOf(free('label')));
    // Another server may say no more than the label.
    if (sized.some(({ spec }) => spec.name === 'probabilities')) outputs.push(probabilitiesOf(sized, labels, free));
    const rest = sized.filter(({ spec }) => spec.name !== 'label' && spec.name !== 'probabilities');
    outputs.push(...rest.map((one) => restOf(one, free(`output_${one.spec.name}`))));
  } else {
    const first = sized.find(({ spec }) => spec.datatype === 'FP32' || spec.datatype === 'FP64');
    if (first !== undefined) outputs.push(firstOf(first, free('value')));
    const simple = sized.length === 1 && first?.width === 1;
    if (!simple) outputs.push(...sized.map((one) => restOf(one, free(`output_${one.spec.name}`))));
  }
  return {
    outputs,
    names: outputs.flatMap(({ names }) => names),
    tensors: [...new Set(outputs.map(({ tensor }) => tensor))],
  };
}

interface Sized {
  readonly spec: TensorSpec;
  readonly width: number;
}

function sizedOf(spec: TensorSpec, examples: readonly NamedTensor[], rows: number): Sized {
  const width = (examples.find(({ name }) => name === spec.name)?.data.length ?? 0) / rows;
  if (Number.isInteger(width) && width > 0 && ENCODINGS[spec.datatype] !== undefined) return { spec, width };
  const got = `${spec.datatype}, ${width} elements per row`;
  throw servingErrors.SRV_SIGNATURE_MISMATCH(`Output ${spec.name} cannot become columns: ${got}.`, {
    data: { output: spec.name, got },
  });
}

function labelOf(name: string): Output {
  // The texts are put in by the writer, which knows which there were.
  return { tensor: 'label', encoding: 'label', width: 1, names: [name], show: ([code]) => code as string };
}

function probabilitiesOf(sized: readonly Sized[], labels: readonly string[], free: (name: string) => string): Output {
  const { spec, width } = sized.find((one) => one.spec.name === 'probabilities') as Sized;
  return {
    tensor: spec.name,
    encoding: ENCODINGS[spec.datatype] as Encoding,
    width,
    names: labels.map((label) => free(`probability_${label}`)),
    show: (staged) => staged.join(', '),
  };
}

/** The first element of a row, as the real-time answer has it. */
function firstOf({ spec, width }: Sized, name: string): Output {
  return {
    ...{ tensor: spec.name, encoding: ENCODINGS[spec.datatype] as Encoding, width, names: [name] },
    show: ([first]) => first as string,
  };
}

function restOf({ spec, width }: Sized, name: string): Output {
  const cast = CASTS[spec.datatype];
  const shown = (staged: string) => (cast === undefined ? staged : `CAST(${staged} AS ${cast})`);
  return {
    ...{ tensor: spec.name, encoding: ENCODINGS[spec.datatype] as Encoding, width, names: [name] },
    show: (staged) =>
      width === 1
        ? shown(staged[0] as string)
        : `CASE WHEN ${staged[0]} IS NOT NULL THEN [${staged.map(shown).join(', ')}] END`,
  };
}

type Numbers = Float32Array | Float64Array | Int32Array;

/** The texts of a column, each kept once. */
class Texts {
  readonly codes: Int32Array;
  readonly #codeOf = new Map<unknown, number>();
  readonly dictionary: string[] = [];

  constructor(rows: number) {
    this.codes = new Int32Array(rows);
  }

  set(row: number, value: unknown): void {
    let code = this.#codeOf.get(value);
    if (code === undefined) {
      code = this.dictionary.push(String(value)) - 1;
      this.#codeOf.set(value, code);
    }
    this.codes[row] = code;
  }
}

/** The answers of some rows in columns, in the order of the rows whatever the order in which runs end. */
export class AnswerColumns {
  readonly #layout: AnswerLayout;
  readonly #stores: readonly (readonly (Numbers | Texts)[])[];
  readonly #present: Uint32Array;
  readonly #rows: number;
  #missing = 0;

  constructor(layout: AnswerLayout, rows: number) {
    this.#layout = layout;
    this.#rows = rows;
    this.#present = emptyValidity(rows);
    for (let row = 0; row < rows; row += 1) markPresent(this.#present, row);
    this.#stores = layout.outputs.map(({ encoding, width }) =>
      Array.from({ length: width }, () => newStore(encoding, rows)),
    );
  }

  /** Takes one run's answers to `count` rows from `start` on. @throws SRV_SIGNATURE_MISMATCH */
  put(tensors: readonly NamedTensor[], start: number, count: number): void {
    for (const [i, { tensor, width }] of this.#layout.outputs.entries()) {
      const data = tensors.find(({ name }) => name === tensor)?.data ?? [];
      if (data.length !== count * width) {
        throw servingErrors.SRV_SIGNATURE_MISMATCH(`Output ${tensor} has ${data.length} elements for ${count} rows.`, {
          data: { output: tensor, got: data.length, expected: count * width },
        });
      }
      for (const [k, store] of (this.#stores[i] ?? []).entries()) put(store, data, { start, count, width, k });
    }
  }

  /** The answer to this row will be null. */
  drop(row: number): void {
    const word = row >>> 5;
    this.#present[word] = (this.#present[word] as number) & ~(1 << (row & 31));
    this.#missing += 1;
  }

  /** The columns to stage, and the SQL expressions that make the file's columns of them. */
  staged(): { columns: Map<string, StagedColumn>; expressions: string[] } {
    const columns = new Map<string, StagedColumn>();
    const validity = this.#missing === 0 ? {} : { validity: this.#present };
    const expressions = this.#layout.outputs.flatMap(({ encoding, names, show }, i) => {
      const staged = (this.#stores[i] ?? []).map((store, k) => {
        const name = `s${i}_${k}`;
        columns.set(name, { ...columnOf(encoding, store), ...validity });
        return store instanceof Texts && encoding === 'label' ? textOfCode(name, store.dictionary) : name;
      });
      // Probabilities stand in a column each.
      if (names.length > 1) return names.map((name, k) => `${staged[k]} AS ${quoteIdentifier(name)}`);
      return [`${show(staged)} AS ${quoteIdentifier(names[0] as string)}`];
    });
    return { columns, expressions };
  }

  get rows(): number {
    return this.#rows;
  }
}

function newStore(encoding: Encoding, rows: number): Numbers | Texts {
  if (encoding === 'float32') return new Float32Array(rows);
  if (encoding === 'float64') return new Float64Array(rows);
  return encoding === 'int32' ? new Int32Array(rows) : new Texts(rows);
}

function put(
  store: Numbers | Texts,
  data: NamedTensor['data'],
  { start, count, width, k }: { start: number; count: number; width: number; k: number },
): void {
  if (store instanceof Texts) {
    for (let i = 0; i < count; i += 1) store.set(start + i, data[i * width + k]);
  } else if (width === 1) store.set(data as Numbers, start);
  else for (let i = 0; i < count; i += 1) store[start + i] = (data as Numbers)[i * width + k] as number;
}

function columnOf(encoding: Encoding, store: Numbers | Texts): StagedColumn {
  if (store instanceof Texts) {
    const { codes, dictionary } = store;
    return encoding === 'label' ? { kind: 'int32', values: codes } : { kind: 'string', codes, dictionary };
  }
  if (store instanceof Float32Array) return { kind: 'float32', values: store };
  return store instanceof Float64Array ? { kind: 'float64', values: store } : { kind: 'int32', values: store };
}

/** Classes are few: their texts travel in the statement and their numbers in the column. */
function textOfCode(name: string, dictionary: readonly string[]): string {
  return dictionary.length === 0 ? 'NULL::VARCHAR' : `[${dictionary.map(quoteLiteral).join(', ')}][${name} + 1]`;
}
