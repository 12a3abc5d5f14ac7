import { fitLogisticRegression } from './linear/logistic-regression.js';
import { describeTrainer } from './trainer.conformance.js';
import { fitRandomForest } from './trees/random-forest.js';

describeTrainer({ name: 'logistic regression', fit: fitLogisticRegression });
describeTrainer({
  name: 'random forest',
  fit: (x, y, options) => fitRandomForest(x, y, { ...options, seed: 0, nEstimators: 50, minSamplesLeaf: 3 }),
});
