import { type NamedTensor, splitColumns } from '../../../platform/inference/index.js';
import type { DecodedRow } from '../predict/output-decoder.js';
import type { CapturedRow } from '../serving-types.js';
import type { CaptureEntry, CaptureSource, InputKinds } from './capture-types.js';
import { encodeBlock, REQUEST_WIDTH, type RequestFacts, ROW_CELLS, ROW_WIDTH } from './segment-block.js';

type Scalar = CapturedRow['inputs'][string];
type Cells = Readonly<Record<string, unknown>>;

interface InputColumn {
  readonly name: string;
  readonly kind: InputKinds[string];
  readonly at: number;
}

/** Rough size of a text in memory beside its characters. */
const TEXT_BYTES = 16;

/**
 * Gathers the rows of one deployment until they are appended together. A row costs a few dozen writes into one array of numbers
 * and no object: this runs for every answer.
 */
export class BlockBuilder {
  readonly source: CaptureSource;
  readonly #columns: readonly InputColumn[];
  readonly #columnOf: ReadonlyMap<string, InputColumn>;
  readonly #width: number;
  #requests = new Float64Array(16 * REQUEST_WIDTH);
  #rows: Float64Array;
  #requestCount = 0;
  #rowCount = 0;
  #texts: string[] = [];
  #places = new Map<string, number>();
  #facts: RequestFacts[] = [];
  #factPlaces = new Map<string, number>();
  /** Place of those that came last; there are none after a `take`. */
  #lastFacts = 0;
  #textBytes = 0;

  constructor(source: CaptureSource) {
    this.source = source;
    this.#columns = Object.entries(source.kinds).map(([name, kind], i) => ({ name, kind, at: ROW_WIDTH + i }));
    this.#columnOf = new Map(this.#columns.map((column) => [column.name, column]));
    this.#width = ROW_WIDTH + this.#columns.length;
    this.#rows = new Float64Array(16 * this.#width);
  }

  get rows(): number {
    return this.#rowCount;
  }

  /** What it holds, near enough. */
  get bytes(): number {
    return (this.#requestCount * REQUEST_WIDTH + this.#rowCount * this.#width) * 8 + this.#textBytes;
  }

  /** What an entry will take at least. */
  bytesFor(rows: number): number {
    return (REQUEST_WIDTH + rows * this.#width) * 8;
  }

  add({ request, facts, decoded, rows }: CaptureEntry): void {
    const first = this.#rowCount;
    this.#reserve(rows);
    const cells = this.#requests;
    let at = this.#requestCount * REQUEST_WIDTH;
    cells[at++] = facts.atMs;
    cells[at++] = facts.latencyMs;
    cells[at++] = facts.queueMs ?? Number.NaN;
    cells[at++] = facts.computeMs ?? Number.NaN;
    cells[at++] = this.#placeOfFacts(request.consumer, facts);
    cells[at++] = this.#keep(request.requestId);
    cells[at] = rows;
    this.#requestCount += 1;
    this.#rowCount += rows;
    const { input } = request;
    for (let row = 0; row < rows; row += 1) this.#addAnswer(first + row, decoded[row], input.ids?.[row]);
    if (input.kind === 'rows') {
      for (let row = 0; row < rows; row += 1) this.#addCells(first + row, input.rows[row]);
    } else this.#addTensors(first, rows, input.tensors);
  }

  /** Everything added since the last time, as bytes. */
  take(): Buffer {
    const block = encodeBlock({
      header: {
        source: this.source,
        ...{ facts: this.#facts, texts: this.#texts, requests: this.#requestCount, rows: this.#rowCount },
      },
      requests: this.#requests.subarray(0, this.#requestCount * REQUEST_WIDTH),
      rows: this.#rows.subarray(0, this.#rowCount * this.#width),
    });
    this.#requestCount = 0;
    this.#rowCount = 0;
    this.#textBytes = 0;
    this.#texts = [];
    this.#facts = [];
    this.#places.clear();
    this.#factPlaces.clear();
    return block;
  }

  #reserve(rows: number): void {
    const requestCells = (this.#requestCount + 1) * REQUEST_WIDTH;
    if (requestCells > this.#requests.length) this.#requests = grown(this.#requests, requestCells);
    const rowCells = (this.#rowCount + rows) * this.#width;
    if (rowCells > this.#rows.length) this.#rows = grown(this.#rows, rowCells);
  }

  #addAnswer(row: number, answer: CaptureEntry['decoded'][number] | undefined, ownId: unknown): void {
    const at = row * this.#width;
    this.#rows[at + ROW_CELLS.label] = answer === undefined ? Number.NaN : this.#placeOf(answer.label);
    this.#rows[at + ROW_CELLS.probability] = answer === undefined ? Number.NaN : lastOf(answer.probabilities);
    this.#rows[at + ROW_CELLS.id] = typeof ownId === 'string' && ownId !== '' ? this.#keep(ownId) : Number.NaN;
    this.#rows[at + ROW_CELLS.rest] = Number.NaN;
  }

  #addCells(row: number, given: unknown): void {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      for (const column of this.#columns) this.#rows[row * this.#width + column.at] = Number.NaN;
      this.#keepRest(row, { '': scalarOf(given) });
      return;
    }
    const cells = given as Cells;
    let held = 0;
    for (const column of this.#columns) {
      const value = cells[column.name];
      const cell = this.#encode(column, value);
      this.#rows[row * this.#width + column.at] = cell;
      if (!Number.isNaN(cell)) held += 1;
    }
    // All that was sent has a column, as it usually has.
    if (held === countKeys(cells)) return;
    const rest: Record<string, Scalar> = {};
    for (const [name, value] of Object.entries(cells)) {
      const column = this.#columnOf.get(name);
      if (column === undefined || Number.isNaN(this.#rows[row * this.#width + column.at])) rest[name] = scalarOf(value);
    }
    this.#keepRest(row, rest);
  }

  #addTensors(first: number, rows: number, tensors: readonly NamedTensor[]): void {
    const width = this.#width;
    const rests: Record<string, Scalar>[] = [];
    if (this.#addJoined(first, rows, tensors)) return;
    for (const { at } of this.#columns) {
      for (let row = first; row < first + rows; row += 1) this.#rows[row * width + at] = Number.NaN;
    }
    for (const tensor of tensors.flatMap(columnsOf)) {
      const column = this.#columnOf.get(tensor.name);
      if (column?.kind === 'float64' && isPlain(tensor)) {
        const { data } = tensor;
        for (let row = 0; row < rows; row += 1) this.#rows[(first + row) * width + column.at] = data[row] as number;
        continue;
      }
      const read = compileCell(tensor);
      for (let row = 0; row < rows; row += 1) {
        const value = read(row);
        const cell = column === undefined ? Number.NaN : this.#encode(column, value);
        if (column !== undefined) this.#rows[(first + row) * width + column.at] = cell;
        if (Number.isNaN(cell)) {
          rests[row] ??= {};
          (rests[row] as Record<string, Scalar>)[tensor.name] = value;
        }
      }
    }
    rests.forEach((rest, row) => {
      this.#keepRest(first + row, rest);
    });
  }

  /** Rows of finite numbers in which all columns stand as here, as they nearly always do; false when it is something else. */
  #addJoined(first: number, rows: number, [tensor]: readonly NamedTensor[]): boolean {
    const { columns, data } = tensor ?? {};
    const held = this.#columns;
    if (columns === undefined || columns.length !== held.length || data === undefined) return false;
    if (!held.every(({ name, kind }, i) => name === columns[i] && kind === 'float64')) return false;
    if (data.length < rows * held.length || !allFinite(data as Float32Array)) return false;
    for (let row = 0, from = 0; row < rows; row += 1) {
      const at = (first + row) * this.#width + ROW_WIDTH;
      for (let i = 0; i < held.length; i += 1, from += 1) this.#rows[at + i] = data[from] as number;
    }
    return true;
  }

  /** NaN when the column cannot hold the value. */
  #encode({ kind }: InputColumn, value: unknown): number {
    if (kind === 'float64') return typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN;
    if (kind === 'boolean') return typeof value === 'boolean' ? Number(value) : Number.NaN;
    return typeof value === 'string' ? this.#placeOf(value) : Number.NaN;
  }

  #keepRest(row: number, rest: Record<string, Scalar>): void {
    this.#rows[row * this.#width + ROW_CELLS.rest] = this.#keep(JSON.stringify(rest));
  }

  #keep(text: string): number {
    this.#textBytes += TEXT_BYTES + text.length * 2;
    return this.#texts.push(text) - 1;
  }

  /** Equal texts are kept once. */
  #placeOf(text: string): number {
    let place = this.#places.get(text);
    if (place === undefined) {
      place = this.#keep(text);
      this.#places.set(text, place);
    }
    return place;
  }

  #placeOfFacts(
    consumer: string,
    { routeReason, shadow, propensity, status, errorCode }: CaptureEntry['facts'],
  ): number {
    const last = this.#facts[this.#lastFacts];
    const isLast =
      last?.consumer === consumer &&
      last.routeReason === routeReason &&
      last.status === status &&
      last.shadow === shadow &&
      last.propensity === propensity &&
      last.errorCode === errorCode;
    // Nearly always: the key of the others is a text to be made.
    if (isLast) return this.#lastFacts;
    const key = `${status}${shadow}${propensity}${routeReason} ${errorCode} ${consumer}`;
    let place = this.#factPlaces.get(key);
    if (place === undefined) {
      place = this.#facts.push({ consumer, routeReason, shadow, propensity, status, errorCode }) - 1;
      this.#factPlaces.set(key, place);
      this.#textBytes += key.length * 4;
    }
    this.#lastFacts = place;
    return place;
  }
}

function grown(values: Float64Array, atLeast: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(atLeast, values.length * 2));
  larger.set(values);
  return larger;
}

function countKeys(cells: Cells): number {
  let count = 0;
  for (const _name in cells) count += 1;
  return count;
}

/** The probability of the last label, NaN when there is none. */
function lastOf(probabilities: DecodedRow['probabilities']): number {
  let last = Number.NaN;
  for (const label in probabilities) last = probabilities[label] as number;
  return last;
}

/** What is no scalar is kept as its JSON text. */
function scalarOf(value: unknown): Scalar {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return JSON.stringify(value);
}

/** A column of finite numbers. */
function isPlain({ data, shape }: NamedTensor): boolean {
  return (data instanceof Float32Array || data instanceof Float64Array) && widthOf(shape) === 1 && allFinite(data);
}

function allFinite(values: Float32Array | Float64Array): boolean {
  for (let i = 0; i < values.length; i += 1) if (!Number.isFinite(values[i])) return false;
  return true;
}

const columnsOf = (tensor: NamedTensor) => (tensor.columns === undefined ? [tensor] : splitColumns(tensor));

const widthOf = (shape: readonly number[]) => shape.slice(1).reduce((product, dim) => product * dim, 1);

/** The cell of a column tensor, or as a text the JSON of a row that is wider. */
function compileCell({ data, shape, datatype }: NamedTensor): (row: number) => Scalar {
  const width = widthOf(shape);
  const read = (index: number): Scalar => {
    const value = data[index] as number | bigint | string | undefined;
    if (datatype === 'BOOL') return value === 1;
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    return scalarOf(value);
  };
  if (width === 1) return read;
  return (row) => JSON.stringify(Array.from({ length: width }, (_, i) => read(row * width + i)));
}
