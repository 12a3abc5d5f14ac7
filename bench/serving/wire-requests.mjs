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

/** The same with its binary extension, both ways. @param {BenchModel} model @param {Record<string, number>[]} rows */
export function binaryTensors({ columns }, rows) {
  const raw = columns.map((name) => rawOf(name, rows));
  const head = Buffer.from(
    JSON.stringify({
      parameters: { binary_data_output: true },
      inputs: columns.map((name, i) => ({
        ...{ name, shape: [rows.length, 1], datatype: 'FP32' },
        parameters: { binary_data_size: raw[i]?.length },
      })),
    }),
  );
  const headers = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(head.length),
  };
  return { base64: Buffer.concat([head, ...raw]).toString('base64'), headers };
}

/** A ModelInferRequest with raw contents. @param {string} place @param {BenchModel} model @param {Record<string, number>[]} rows */
export function grpcMessage(place, { columns }, rows) {
  const tensors = columns.map((name) =>
    field(
      5,
      Buffer.concat([
        field(1, Buffer.from(name)),
        field(2, Buffer.from('FP32')),
        field(3, Buffer.concat([varint(rows.length), varint(1)])),
      ]),
    ),
  );
  const raw = columns.map((name) => field(7, rawOf(name, rows)));
  return { base64: Buffer.concat([field(1, Buffer.from(place)), ...tensors, ...raw]).toString('base64') };
}

/** @param {string} name @param {Record<string, number>[]} rows */
const rawOf = (name, rows) => Buffer.from(Float32Array.from(rows, (row) => row[name] ?? Number.NaN).buffer);

/** @param {number} number @param {Buffer} bytes */
const field = (number, bytes) => Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (; value > 127; value >>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}
