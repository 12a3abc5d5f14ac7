// @ts-check
// The same rows in the forms in which an endpoint takes them.

/** @typedef {import('./models.mjs').BenchModel} BenchModel */

/** @param {BenchModel} model @param {number} count @returns {Record<string, number>[]} */
export function rowsOf({ columns, body }, count) {
  const [row = {}] = body.rows;
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(columns.map((name) => [name, Math.round(((row[name] ?? 0) + i / 1000) * 1000) / 1000])),
  );
}

/** Open Inference Protocol, tensors as JSON. @param {BenchModel} model @param {Record<string, number>[]} rows */
export function jsonTensors({ columns }, rows) {
  const shape = [rows.length, 1];
  const inputs = columns.map((name) => ({ name, shape, datatype: 'FP32', data: rows.map((row) => row[name]) }));
  return { body: { inputs } };
}

/** @typedef {{name: string, shape: number[], raw: Buffer}} Tensor */

/** A tensor for each column. @param {BenchModel} model @param {Record<string, number>[]} rows @returns {Tensor[]} */
export function byColumn({ columns }, rows) {
  return columns.map((name) => ({ name, shape: [rows.length, 1], raw: rawOf(rows, [name]) }));
}

/** One tensor for all columns. @param {BenchModel} model @param {Record<string, number>[]} rows @returns {Tensor[]} */
export function allColumns({ columns }, rows) {
  return [{ name: 'columns', shape: [rows.length, columns.length], raw: rawOf(rows, columns) }];
}

/** Open Inference Protocol with its binary extension, both ways. @param {readonly Tensor[]} tensors */
export function binaryTensors(tensors) {
  const head = Buffer.from(
    JSON.stringify({
      parameters: { binary_data_output: true },
      inputs: tensors.map(({ name, shape, raw }) => ({
        ...{ name, shape, datatype: 'FP32' },
        parameters: { binary_data_size: raw.length },
      })),
    }),
  );
  const headers = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(head.length),
  };
  return { base64: Buffer.concat([head, ...tensors.map(({ raw }) => raw)]).toString('base64'), headers };
}

/** A ModelInferRequest with raw contents. @param {string} place @param {readonly Tensor[]} tensors */
export function grpcMessage(place, tensors) {
  const heads = tensors.map(({ name, shape }) =>
    field(
      5,
      Buffer.concat([
        field(1, Buffer.from(name)),
        field(2, Buffer.from('FP32')),
        field(3, Buffer.concat(shape.map(varint))),
      ]),
    ),
  );
  const raw = tensors.map((tensor) => field(7, tensor.raw));
  return { base64: Buffer.concat([field(1, Buffer.from(place)), ...heads, ...raw]).toString('base64') };
}

/** Row-major. @param {Record<string, number>[]} rows @param {readonly string[]} columns */
function rawOf(rows, columns) {
  const cells = rows.flatMap((row) => columns.map((name) => row[name] ?? Number.NaN));
  return Buffer.from(Float32Array.from(cells).buffer);
}

/** @param {number} number @param {Buffer} bytes */
const field = (number, bytes) => Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (; value > 127; value >>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}
