// @ts-check
// Metrics of a binary file of rows by ours: float64 scores, then uint8 truths. Last line: {metric: [ms, value]}.

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import {
  averagePrecision,
  binaryLogLossRows,
  confusionMatrix,
  mean,
  precisionRecall,
  rocAuc,
} from '../../packages/num/dist/index.js';

const [path = '', count = '0'] = process.argv.slice(2);
const rows = Number(count);
const bytes = readFileSync(path);
const scores = new Float64Array(bytes.buffer, bytes.byteOffset, rows).slice();
const truth = Int32Array.from(bytes.subarray(8 * rows));
const predicted = Int32Array.from(scores, (p) => Number(p > 0.5));
/** @type {Record<string, () => number>} */
const metrics = {
  rocAuc: () => rocAuc(truth, scores),
  averagePrecision: () => averagePrecision(truth, scores),
  f1: () => precisionRecall(confusionMatrix(truth, predicted, { classCount: 2 }), { average: 'binary' }).fBeta,
  logLoss: () => mean(binaryLogLossRows(truth, scores)),
};
const answer = Object.fromEntries(
  Object.entries(metrics).map(([name, metric]) => {
    const started = performance.now();
    const value = metric();
    return [name, [performance.now() - started, value]];
  }),
);
console.log(JSON.stringify(answer));
