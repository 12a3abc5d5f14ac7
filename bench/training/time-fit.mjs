// @ts-check
// The fit alone of a trainer of ours: node time-fit.mjs CASE-fit DATA THREADS. Prints {fitMs, fitCpuMs, score, peakMiB} as
// fit_peer.py does: the score is the AUC on 5,000 test rows, for k-means minus the mean squared distance.

import { performance } from 'node:perf_hooks';
import {
  fitKMeans,
  fitLogisticRegression,
  fitNeighbourClassifier,
  fitPerceptronClassifier,
  fitRidge,
  probabilityOf,
  rocAuc,
  selectMatrixRows,
} from '../../packages/num/dist/index.js';
import { createThreadPool } from '../../packages/server/dist/platform/compute/index.js';
import { readTask } from './read-task.mjs';

const CLUSTERS = 8;
const [name = '', path = '', threads = '1'] = process.argv.slice(2);
const { train, test } = readTask(path);
const { x, y } = train;
const pool = createThreadPool(Number(threads));
// Started and loaded before the clock, as the peer's imports are.
pool.open('assign-rows', { partial: [], labels: [] }).close();
const options = { seed: 0, classCount: 2, threads: pool };
const numbers = Float64Array.from(y);
const some = selectMatrixRows(
  test.x,
  Int32Array.from({ length: Math.min(5000, test.y.length) }, (_, row) => row),
);
const truth = test.y.slice(0, some.rowCount);
const auc = (/** @type {{predictProbabilities: (x: typeof some) => Float64Array}} */ model) =>
  rocAuc(truth, probabilityOf(model.predictProbabilities(some), 2, 1));

/** @type {Record<string, () => () => number>} A fit, which answers how to score it. */
const CASES = {
  'logistic-regression-fit': () => {
    const model = fitLogisticRegression(x, y, options);
    return () => auc(model);
  },
  'k-nearest-neighbours-fit': () => {
    const model = fitNeighbourClassifier(x, y, options);
    return () => auc(model);
  },
  'multi-layer-perceptron-fit': () => {
    const model = fitPerceptronClassifier(x, y, { ...options, maxIter: 2 });
    return () => auc(model);
  },
  'ridge-fit': () => {
    const model = fitRidge(x, numbers, options);
    return () => rocAuc(truth, model.predict(some));
  },
  'k-means-fit': () => {
    const model = fitKMeans(x, { ...options, nClusters: CLUSTERS, initialCentres: firstRows(CLUSTERS) });
    return () => -model.inertia / x.rowCount;
  },
};

const runCase = CASES[name];
if (!runCase) throw new Error(`there is no case ${name}`);
const before = process.cpuUsage();
const started = performance.now();
const score = runCase();
const fitMs = performance.now() - started;
const { user, system } = process.cpuUsage(before);
pool.close();
const peakMiB = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ fitMs, fitCpuMs: (user + system) / 1000, score: score(), peakMiB }));

/** @param {number} count the first rows, row-major */
function firstRows(count) {
  const rows = new Float64Array(count * x.featureCount);
  for (let row = 0; row < count; row += 1) {
    for (let f = 0; f < x.featureCount; f += 1) rows[row * x.featureCount + f] = x.values[f * x.rowCount + row] ?? 0;
  }
  return rows;
}
