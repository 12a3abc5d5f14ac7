// Parity of the exported models is with onnxruntime-node 1.30.
import { describeTrainer, type TrainerExceptions } from './trainer.conformance.js';
import { TRAINERS } from './trainer-catalogue.js';

const EXCEPTIONS: Readonly<Record<string, TrainerExceptions>> = {
  calibrated: { params: { estimator: 'logistic-regression' } },
  'decision-tree': { params: { minSamplesLeaf: 10 }, oneStep: true },
  'gaussian-naive-bayes': { oneStep: true },
  'k-means': { params: { nClusters: 3 } },
  'k-nearest-neighbours': { oneStep: true },
  'elastic-net': { params: { alpha: 0.1 } },
  'extra-trees': { params: { nEstimators: 50, minSamplesLeaf: 3 } },
  'gradient-boosting': { params: { maxIter: 30 } },
  lasso: { params: { alpha: 0.1 } },
  'linear-regression': { oneStep: true },
  'multi-layer-perceptron': { params: { hiddenLayerSizes: '16', learningRateInit: 0.01 } },
  'random-forest': { params: { nEstimators: 50, minSamplesLeaf: 3 } },
  ridge: { oneStep: true },
  'self-training': { takesUnlabelled: true },
};

for (const trainer of TRAINERS) describeTrainer(trainer, EXCEPTIONS[trainer.name]);
