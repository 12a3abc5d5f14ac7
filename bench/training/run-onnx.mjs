// @ts-check
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { similarRows } from '../../packages/num/dist/index.js';
import { createInferenceHost } from '../../packages/server/dist/platform/inference/index.js';

const BATCH_ROWS = 4096;
const SORTED_ROWS = 65_536;

/**
 * Answers every row of a feature-major matrix through a packaged model as `fairlead predict` does: rows that resemble each
 * other in one batch, worker threads with a session each, answers put back where their rows stand.
 * @param {Uint8Array} bytes @param {{values: Float32Array, rowCount: number, featureNames: readonly string[]}} x @param {number} threads
 * @returns {Promise<{elapsedMs: number, probabilities: Float64Array}>} loading excluded
 */
export async function runOnnx(bytes, { values, rowCount, featureNames }, threads) {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-'));
  const path = join(folder, 'model.onnx');
  writeFileSync(path, bytes);
  const inference = createInferenceHost({ workers: threads });
  try {
    const model = await inference.load({ path, digest: createHash('sha256').update(bytes).digest('hex') });
    const columns = featureNames.map((_, f) => values.subarray(f * rowCount, (f + 1) * rowCount));
    const started = performance.now();
    const probabilities = new Float64Array(rowCount * 2);
    /** @param {Uint32Array} rows */
    const answer = async (rows) => {
      const inputs = featureNames.map((name, f) => {
        const column = /** @type {Float32Array} */ (columns[f]);
        const data = new Float32Array(rows.length);
        for (let i = 0; i < rows.length; i += 1) data[i] = column[rows[i] ?? 0] ?? 0;
        return { name, datatype: /** @type {const} */ ('FP32'), shape: [rows.length, 1], data };
      });
      const { outputs } = await model.run(inputs, { outputs: ['probabilities'], transferInputs: true });
      const data = /** @type {Float32Array} */ (outputs[0]?.data);
      for (let i = 0; i < rows.length; i += 1) {
        const to = 2 * (rows[i] ?? 0);
        probabilities[to] = data[2 * i] ?? 0;
        probabilities[to + 1] = data[2 * i + 1] ?? 0;
      }
    };
    for (let from = 0; from < rowCount; from += SORTED_ROWS) {
      const order = similarRows(columns, from, Math.min(rowCount, from + SORTED_ROWS));
      let next = 0;
      const work = async () => {
        for (let at = next; at < order.length; at = next) {
          next += BATCH_ROWS;
          await answer(order.subarray(at, at + BATCH_ROWS));
        }
      };
      await Promise.all(Array.from({ length: threads }, work));
    }
    return { elapsedMs: performance.now() - started, probabilities };
  } finally {
    await inference.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
