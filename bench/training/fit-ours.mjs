// @ts-check
// Ours on one task: node fit-ours.mjs CASE DATA THREADS. Prints {fitMs, fitCpuMs, predictMs, onnxMs, score, peakMiB} as
// fit_peer.py does (CPU time is that of all threads together, and says more on a busy machine);
// onnxMs is the time of the exported graph for the same rows as predictMs, on as many threads.

import { performance } from 'node:perf_hooks';
import {
  exportModel,
  findTrainer,
  fitPreprocessor,
  mostProbable,
  probabilityOf,
  rocAuc,
} from '../../packages/num/dist/index.js';
import { createThreadPool } from '../../packages/server/dist/platform/compute/index.js';
import { readTask } from './read-task.mjs';
import { runOnnx } from './run-onnx.mjs';

/** @type {Record<string, {trainer: string, params: Record<string, number | string | boolean>, byClass?: boolean}>} */
const CASES = {
  'random-forest': { trainer: 'random-forest', params: { nEstimators: 100, maxDepth: 10 } },
  'gradient-boosting': {
    trainer: 'gradient-boosting',
    params: { maxIter: 100, maxLeafNodes: 31, earlyStopping: false },
  },
  'logistic-regression': { trainer: 'logistic-regression', params: {} },
  svc: { trainer: 'svc', params: { probability: false }, byClass: true },
};

const [name = '', path = '', threads = '1'] = process.argv.slice(2);
const { train, test } = readTask(path);
const { trainer, params, byClass } = CASES[name] ?? { trainer: name, params: {} };
const definition = findTrainer(trainer);
if (!definition?.classify) throw new Error(`there is no classifier ${trainer}`);
const pool = createThreadPool(Number(threads));
const started = performance.now();
const before = process.cpuUsage();
const model = definition.classify(train.x, train.y, params, { classCount: 2, seed: 0, threads: pool });
const fitted = performance.now();
const { user, system } = process.cpuUsage(before);
pool.close();
model.predictProbabilities(train.x);
const predicted = performance.now();
const answer = model.predictProbabilities(test.x);
const score = byClass
  ? mostProbable(answer, 2).reduce((sum, code, row) => sum + Number(code === test.y[row]), 0) / test.y.length
  : rocAuc(test.y, probabilityOf(answer, 2, 1));
const peakMiB = process.resourceUsage().maxRSS / 1024;
const { elapsedMs: onnxMs } = await runOnnx(packageOf(model, train.x), train.x, Number(threads));
console.log(
  JSON.stringify({
    fitMs: fitted - started,
    fitCpuMs: (user + system) / 1000,
    predictMs: predicted - fitted,
    onnxMs,
    score,
    peakMiB,
  }),
);

/** @param {import('../../packages/num/dist/index.js').FittedModel} fittedModel @param {import('../../packages/num/dist/index.js').FeatureMatrix} x */
function packageOf(fittedModel, x) {
  const columns = new Map(
    x.featureNames.map((feature, f) => [
      feature,
      {
        kind: /** @type {const} */ ('float64'),
        values: Float64Array.from(x.values.subarray(f * x.rowCount, f * x.rowCount + 1000)),
      },
    ]),
  );
  const table = { rowCount: Math.min(1000, x.rowCount), columns };
  const specs = x.featureNames.map((feature) => ({
    name: feature,
    kind: /** @type {const} */ ('numeric'),
    scale: /** @type {const} */ ('none'),
  }));
  const { preprocessor } = fitPreprocessor(table, { columns: specs });
  return exportModel({ preprocessor, model: fittedModel, classLabels: ['no', 'yes'] });
}
