import { fitElasticNet, fitLasso } from './linear/elastic-net.js';
import { fitLinearRegression, fitRidge } from './linear/linear-regression.js';
import { fitLogisticRegression } from './linear/logistic-regression.js';
import { describeRegressor } from './regressor.conformance.js';
import { fitSvc } from './svm/svc.js';
import { fitSvr } from './svm/svr.js';
import { describeTrainer } from './trainer.conformance.js';
import { fitRandomForest } from './trees/random-forest.js';

describeTrainer({ name: 'logistic regression', fit: fitLogisticRegression });
describeTrainer({
  name: 'random forest',
  fit: (x, y, options) => fitRandomForest(x, y, { ...options, seed: 0, nEstimators: 50, minSamplesLeaf: 3 }),
});
describeTrainer({ name: 'support vector classification', fit: fitSvc });

describeRegressor({ name: 'support vector regression', fit: fitSvr });
describeRegressor({ name: 'linear regression', fit: fitLinearRegression });
describeRegressor({ name: 'ridge', fit: fitRidge });
describeRegressor({ name: 'lasso', fit: (x, y, options) => fitLasso(x, y, { ...options, alpha: 0.1 }) });
describeRegressor({ name: 'elastic net', fit: (x, y, options) => fitElasticNet(x, y, { ...options, alpha: 0.1 }) });
