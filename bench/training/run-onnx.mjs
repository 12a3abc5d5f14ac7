// @ts-check
import { performance } from 'node:perf_hooks';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const BATCH_ROWS = 16_384;

/**
 * Answers every row of a feature-major matrix through a packaged model, in batches as a batch job would.
 * @param {Uint8Array} bytes @param {{values: Float32Array, rowCount: number, featureNames: readonly string[]}} x
 * @returns {Promise<number>} milliseconds, loading excluded
 */
export async function runOnnx(bytes, { values, rowCount, featureNames }) {
  const session = await InferenceSession.create(bytes);
  const started = performance.now();
  for (let from = 0; from < rowCount; from += BATCH_ROWS) {
    const until = Math.min(from + BATCH_ROWS, rowCount);
    const feeds = Object.fromEntries(
      featureNames.map((name, f) => [
        name,
        new Tensor('float32', values.subarray(f * rowCount + from, f * rowCount + until), [until - from, 1]),
      ]),
    );
    await session.run(feeds, ['probabilities']);
  }
  return performance.now() - started;
}
