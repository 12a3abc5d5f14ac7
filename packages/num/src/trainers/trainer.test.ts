// Parity of the exported models is with onnxruntime-node 1.30.
import { describeTrainer, type TrainerExceptions } from './trainer.conformance.js';
import { TRAINERS } from './trainer-catalogue.js';

// Depth is bounded where weights are compared with repeated rows: the last two rows of a branch are parted by any feature
// equally well, and rounding chooses.
const EXCEPTIONS: Readonly<Record<string, TrainerExceptions>> = {
  calibrated: { params: { estimator: 'logistic-regression' }, countsRows: 'folds part rows' },
  'decision-tree': { params: { minSamplesLeaf: 10 }, weightParams: { maxDepth: 4 }, oneStep: true },
  'gaussian-naive-bayes': { oneStep: true },
  'k-means': { params: { nClusters: 3 } },
  'isolation-forest': { countsRows: 'each tree draws rows' },
  'k-nearest-neighbours': { oneStep: true, countsRows: 'a row twice takes the places of two neighbours' },
  'elastic-net': { params: { alpha: 0.1 } },
  'extra-trees': { params: { nEstimators: 50, minSamplesLeaf: 3 }, weightParams: { nEstimators: 10, maxDepth: 2 } },
  'gradient-boosting': { params: { maxIter: 30 }, weightParams: { maxIter: 30, minSamplesLeaf: 1 } },
  lasso: { params: { alpha: 0.1 } },
  'linear-regression': { oneStep: true },
  'linear-svr': { weightParams: { loss: 'squared_epsilon_insensitive', tol: 1e-13 } },
  'linear-svc': { weightParams: { probability: false } },
  'multi-layer-perceptron': {
    params: { hiddenLayerSizes: '16', learningRateInit: 0.01 },
    countsRows: 'batches hold a number of rows',
  },
  'random-forest': {
    params: { nEstimators: 50, minSamplesLeaf: 3 },
    weightParams: { nEstimators: 10, maxDepth: 4, bootstrap: false },
  },
  ridge: { oneStep: true },
  stacking: { countsRows: 'folds part rows' },
  // gamma 'scale' is the variance of the rows as they stand, as in scikit-learn.
  svc: { weightParams: { probability: false, gamma: 0.3, tol: 1e-9 } },
  svr: { weightParams: { gamma: 0.3, tol: 1e-9 } },
  voting: { weightParams: { estimators: '{"decision-tree":{"maxDepth":4},"gradient-boosting":{"minSamplesLeaf":1}}' } },
};

for (const trainer of TRAINERS) describeTrainer(trainer, EXCEPTIONS[trainer.name]);
