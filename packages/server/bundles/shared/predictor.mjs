// @ts-check
// Rows in, answers out, with any build of ONNX Runtime: onnxruntime-node on servers, onnxruntime-web in browsers.

/**
 * @typedef {{name: string, type: string, nullable: boolean, categories?: readonly string[]}} Input
 * @typedef {{task: string, inputs: readonly Input[], labels: readonly string[], model: string, digest: string}} Signature
 * @typedef {Record<string, number | string | boolean | null | undefined>} Row
 * @typedef {{label?: string, probabilities?: Record<string, number>, prediction?: number, [output: string]: unknown}} Answer
 */

/** What a caller did wrong, for an answer with status 400. */
export class InputError extends Error {
  /** @param {string} message @param {{row: number, column?: string}} where */
  constructor(message, where) {
    super(message);
    this.name = 'InputError';
    this.code = 'INPUT_INVALID';
    this.where = where;
  }
}

/**
 * @param {{Tensor: any, InferenceSession: any}} ort the runtime's module
 * @param {{model: Uint8Array | ArrayBuffer | string, signature: Signature}} packed
 */
export async function createPredictor(ort, { model, signature }) {
  const session = await ort.InferenceSession.create(model);
  return {
    signature,
    /** @param {readonly Row[]} rows @returns {Promise<Answer[]>} @throws {InputError} naming row and column */
    predict: async (rows) => {
      if (!Array.isArray(rows) || rows.length === 0) throw new InputError('rows must be a list of objects', { row: 0 });
      const outputs = await session.run(feedsOf(ort, signature, rows));
      return rows.map((_, row) => answerOf(outputs, row, { rows: rows.length, labels: signature.labels }));
    },
  };
}

/** @param {any} ort @param {Signature} signature @param {readonly Row[]} rows */
function feedsOf(ort, { inputs }, rows) {
  /** @type {Record<string, unknown>} */
  const feeds = {};
  rows.forEach((row, index) => {
    if (typeof row !== 'object' || row === null) throw new InputError(`row ${index} is no object`, { row: index });
    const unknown = Object.keys(row).find((name) => !inputs.some((input) => input.name === name));
    if (unknown !== undefined) {
      throw new InputError(`row ${index}: the model has no input ${unknown}`, { row: index, column: unknown });
    }
  });
  for (const input of inputs) {
    const cells = rows.map((row, index) => cellOf(input, row[input.name], index));
    const data =
      input.type === 'string'
        ? cells
        : input.type === 'timestamp'
          ? BigInt64Array.from(cells, (cell) => BigInt(/** @type {number | bigint} */ (cell)))
          : Float32Array.from(/** @type {number[]} */ (cells));
    const kind = input.type === 'string' ? 'string' : input.type === 'timestamp' ? 'int64' : 'float32';
    feeds[input.name] = new ort.Tensor(kind, data, [rows.length, 1]);
  }
  return feeds;
}

/** A missing timestamp, as the graph knows it. */
const NO_TIME = -(2n ** 63n);

/** @param {Input} input @param {unknown} value @param {number} row */
function cellOf({ name, type, nullable }, value, row) {
  const refuse = (/** @type {string} */ what) => new InputError(`row ${row}: ${name} ${what}`, { row, column: name });
  if (value === null || value === undefined) {
    if (!nullable) throw refuse('is missing');
    return type === 'string' ? '' : type === 'timestamp' ? NO_TIME : Number.NaN;
  }
  switch (type) {
    case 'string':
      if (typeof value !== 'string') throw refuse(`must be a text, not ${JSON.stringify(value)}`);
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw refuse(`must be true or false, not ${JSON.stringify(value)}`);
      return Number(value);
    case 'timestamp': {
      const time = typeof value === 'string' ? Date.parse(value) : value;
      if (typeof time !== 'number' || !Number.isSafeInteger(time))
        throw refuse('must be a time: ISO 8601 or milliseconds');
      return time;
    }
    default:
      if (typeof value !== 'number' || !Number.isFinite(Math.fround(value))) {
        throw refuse(`must be a finite number, not ${JSON.stringify(value)}`);
      }
      if (type === 'integer' && !Number.isInteger(value)) throw refuse(`must be a whole number, not ${value}`);
      return value;
  }
}

/** @param {Record<string, any>} outputs @param {number} row @param {{rows: number, labels: readonly string[]}} shape @returns {Answer} */
function answerOf(outputs, row, { rows, labels }) {
  /** @type {Answer} */
  const answer = {};
  for (const [name, { data }] of Object.entries(outputs)) {
    const width = data.length / rows;
    const cells = Array.from(data.slice(row * width, (row + 1) * width), plain);
    if (name === 'probabilities') {
      answer.probabilities = Object.fromEntries(labels.map((label, k) => [label, Number(cells[k])]));
    } else answer[name] = name === 'label' ? String(cells[0]) : cells.length === 1 ? cells[0] : cells;
  }
  return answer;
}

/** @param {unknown} cell @returns {unknown} a value that JSON can hold */
function plain(cell) {
  return typeof cell === 'bigint' ? Number(cell) : cell;
}
