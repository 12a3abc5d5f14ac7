import { gaussianNaiveBayes } from './bayes/gaussian-naive-bayes-definition.js';
import { gradientBoosting } from './boosting/gradient-boosting-definition.js';
import { createCalibrated } from './calibration/calibrated-definition.js';
import { kMeans } from './clusters/k-means-definition.js';
import { createStacking, createVoting } from './ensembles/ensemble-definitions.js';
import { elasticNet } from './linear/elastic-net-definition.js';
import { lasso } from './linear/lasso-definition.js';
import { linearRegression } from './linear/linear-regression-definition.js';
import { logisticRegression } from './linear/logistic-regression-definition.js';
import { ridge } from './linear/ridge-definition.js';
import { kNearestNeighbours } from './neighbours/k-nearest-neighbours-definition.js';
import { multiLayerPerceptron } from './neural/multi-layer-perceptron-definition.js';
import { createSelfTraining } from './semi-supervised/self-training-definition.js';
import { linearSvc } from './svm/linear-svc-definition.js';
import { linearSvr } from './svm/linear-svr-definition.js';
import { svc } from './svm/svc-definition.js';
import { svr } from './svm/svr-definition.js';
import type { TrainerDefinition } from './trainer-definition.js';
import { decisionTree } from './trees/decision-tree-definition.js';
import { extraTrees } from './trees/extra-trees-definition.js';
import { isolationForest } from './trees/isolation-forest-definition.js';
import { randomForest } from './trees/random-forest-definition.js';

/** Every trainer. A new one is a file and a line here; the conformance suite, search and commands find it by its name. */
export const TRAINERS: readonly TrainerDefinition[] = Object.freeze([
  linearRegression,
  ridge,
  lasso,
  elasticNet,
  logisticRegression,
  linearSvc,
  linearSvr,
  svc,
  svr,
  decisionTree,
  gaussianNaiveBayes,
  kNearestNeighbours,
  multiLayerPerceptron,
  kMeans,
  randomForest,
  extraTrees,
  isolationForest,
  gradientBoosting,
  createVoting(findTrainer),
  createStacking(findTrainer),
  createCalibrated(findTrainer),
  createSelfTraining(findTrainer),
]);

/** The trainer of that name; undefined when there is none. */
export function findTrainer(name: string): TrainerDefinition | undefined {
  return TRAINERS.find((trainer) => trainer.name === name);
}
