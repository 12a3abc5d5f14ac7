// @ts-check
// The floor of the serving bench: node:http, JSON.parse, one `session.run` on the loop, JSON.stringify, and nothing else.
// Arguments: port, ONNX file, labels separated by commas.

import { createServer } from 'node:http';
import { openOnnxModel } from '../../packages/server/dist/platform/inference/open-onnx-model.js';

const [port, path = '', labelList = ''] = process.argv.slice(2);
const labels = labelList.split(',');
// A session with one thread and nothing around it but what docs/adr/0020 lifts out of the graph, so that the floor has that too.
const session = await openOnnxModel(path);
const names = session.description.inputs.map(({ name }) => name);

/** @param {Record<string, number>[]} rows */
async function answer(rows) {
  const feeds = names.map((name) => ({
    name,
    datatype: /** @type {const} */ ('FP32'),
    shape: [rows.length, 1],
    data: Float32Array.from(rows, (row) => row[name] ?? Number.NaN),
  }));
  const [label, probabilities] = await session.run(feeds, ['label', 'probabilities']);
  const scores = /** @type {Float32Array} */ (probabilities?.data);
  const predictions = Array.from(/** @type {string[]} */ (label?.data), (name, row) => ({
    label: String(name),
    probabilities: Object.fromEntries(labels.map((each, i) => [each, scores[row * labels.length + i]])),
  }));
  return JSON.stringify({ predictions });
}

const server = createServer((request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const text =
      chunks.length === 0 ? '{"ready":true}' : await answer(JSON.parse(Buffer.concat(chunks).toString()).rows);
    response.setHeader('content-type', 'application/json');
    response.end(text);
  });
});
server.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
