import type { NamedTensor } from '../../../platform/inference/index.js';
import type { ParquetColumn, TypedValues, ValueType } from '../../../platform/lake/index.js';
import { servingErrors } from '../serving-errors.js';
import type { AnswerLayout, AnswerType } from './answer-layout.js';

const ARRAYS = {
  ...{ bool: Uint8Array, float: Float32Array, double: Float64Array },
  ...{ int8: Int8Array, int16: Int16Array, int32: Int32Array, int64: BigInt64Array },
  ...{ uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, uint64: BigUint64Array },
} as const satisfies Record<ValueType, { new (length: number): TypedValues }>;

/** Cells of a run's tensor and where they go. */
interface Cells {
  readonly data: NamedTensor['data'];
  /** The first cell to take, and how far apart they are. */
  readonly from: number;
  readonly step: number;
  readonly count: number;
  /** Place of the first in the store. */
  readonly at: number;
}

interface Store {
  put(cells: Cells): void;
  column(lists: { width?: number; present?: Uint8Array }): ParquetColumn;
}

class Numbers implements Store {
  readonly #type: ValueType;
  readonly #values: TypedValues;

  constructor(type: ValueType, size: number) {
    this.#type = type;
    this.#values = new ARRAYS[type](size);
  }

  put({ data, from, step, count, at }: Cells): void {
    if (step === 1) this.#values.set(data as never, at);
    else if (data instanceof Float32Array) pick(data, this.#values as Float32Array, { from, step, count, at });
    else for (let i = 0; i < count; i += 1) this.#values[at + i] = data[from + i * step] as never;
  }

  column(lists: { width?: number; present?: Uint8Array }): ParquetColumn {
    return { kind: 'typed', type: this.#type, values: this.#values, ...lists };
  }
}

/** A loop for one kind of array: it takes a tenth of the time of one that has seen several. */
function pick(
  from: Float32Array,
  to: Float32Array,
  { from: first, step, count, at }: { from: number; step: number; count: number; at: number },
): void {
  for (let i = 0, cell = first; i < count; i += 1, cell += step) to[at + i] = from[cell] as number;
}

/** Texts, each kept once. */
class Texts implements Store {
  readonly #codes: Int32Array;
  readonly #codeOf = new Map<unknown, number>();
  readonly #dictionary: string[] = [];

  constructor(size: number) {
    this.#codes = new Int32Array(size);
  }

  put({ data, from, step, count, at }: Cells): void {
    for (let i = 0, cell = from; i < count; i += 1, cell += step) this.#codes[at + i] = this.#code(data[cell]);
  }

  column(lists: { width?: number; present?: Uint8Array }): ParquetColumn {
    return { kind: 'text', codes: this.#codes, dictionary: this.#dictionary, ...lists };
  }

  #code(value: unknown): number {
    let code = this.#codeOf.get(value);
    if (code === undefined) {
      code = this.#dictionary.push(String(value)) - 1;
      this.#codeOf.set(value, code);
    }
    return code;
  }
}

const newStore = (type: AnswerType, size: number): Store =>
  type === 'text' ? new Texts(size) : new Numbers(type, size);

/** The answers of some rows in columns, in the order of the rows whatever the order in which runs end. */
export class AnswerColumns {
  readonly #layout: AnswerLayout;
  /** By the names of the columns. */
  readonly #stores: ReadonlyMap<string, Store>;
  readonly rows: number;
  #present: Uint8Array | undefined;

  constructor(layout: AnswerLayout, rows: number) {
    this.#layout = layout;
    this.rows = rows;
    this.#stores = new Map(
      layout.outputs.flatMap(({ type, width, columns }) =>
        columns.map(({ name, element }) => [name, newStore(type, rows * (element === null ? width : 1))]),
      ),
    );
  }

  /** Takes one run's answers to `count` rows from `start` on. @throws SRV_SIGNATURE_MISMATCH */
  put(tensors: readonly NamedTensor[], start: number, count: number): void {
    for (const { tensor, width, columns } of this.#layout.outputs) {
      const data = tensors.find(({ name }) => name === tensor)?.data ?? [];
      if (data.length !== count * width) {
        throw servingErrors.SRV_SIGNATURE_MISMATCH(`Output ${tensor} has ${data.length} elements for ${count} rows.`, {
          data: { output: tensor, got: data.length, expected: count * width },
        });
      }
      for (const { name, element } of columns) {
        const cells =
          element === null
            ? { data, from: 0, step: 1, count: count * width, at: start * width }
            : { data, from: element, step: width, count, at: start };
        this.#stores.get(name)?.put(cells);
      }
    }
  }

  /** The answer to this row will be null. */
  drop(row: number): void {
    this.#present ??= new Uint8Array(this.rows).fill(1);
    this.#present[row] = 0;
  }

  /** The columns of the file, by name. */
  columns(): Map<string, ParquetColumn> {
    const present = this.#present === undefined ? {} : { present: this.#present };
    return new Map(
      this.#layout.outputs.flatMap(({ width, columns }) =>
        columns.map(({ name, element }) => {
          const lists = element === null ? { width, ...present } : present;
          return [name, (this.#stores.get(name) as Store).column(lists)];
        }),
      ),
    );
  }
}
