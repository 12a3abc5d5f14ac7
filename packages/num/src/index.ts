// Errors and words

export { detectDrift } from './drift/detect-drift.js';
export {
  type BinnedPair,
  type HistogramPair,
  jensenShannonDivergence,
  ksStatistic,
  normedWasserstein,
  populationStabilityIndex,
} from './drift/drift-distances.js';
export { contingencyTest, ksPValue, ksTest, type TestResult } from './drift/drift-tests.js';
export type { ColumnDrift, DriftEffect, DriftOptions, DriftVerdict, TableDrift } from './drift/drift-types.js';
export { mergeProfiles } from './drift/merge-profiles.js';
export { finiteCount, profileDeviation, profileQuantile } from './drift/profile-numeric.js';
export { type ProfileOptions, profileTable } from './drift/profile-table.js';
// Profiles and drift
export type { CategoryProfile, ColumnProfile, NumericProfile, TableProfile } from './drift/profile-types.js';
// Experiments: planning, looking early, bandits
export {
  type BernoulliArm,
  bestBernoulliArm,
  bestNormalArm,
  chooseArm,
  epsilonGreedy,
  type NormalArmsOptions,
  withFloor,
} from './experiment/bandits.js';
export { type OffPolicyEstimate, offPolicyValue } from './experiment/off-policy.js';
export {
  type ExperimentErrors,
  type MeanPlan,
  type ProportionPlan,
  powerOfMeans,
  powerOfProportions,
  sampleSizeOfMeans,
  sampleSizeOfProportions,
} from './experiment/plan-experiment.js';
export { addToSample, emptySample, mergeSamples, type Sample } from './experiment/sample.js';
export { type SampleRatioTest, sampleRatioTest } from './experiment/sample-ratio.js';
export {
  type SequentialMeanOptions,
  sequentialMeanDifference,
  sequentialProportion,
  sequentialProportionDifference,
} from './experiment/sequential.js';
export { type WelchTest, welchTest } from './experiment/welch-test.js';
// Feature matrix and preprocessing
export { type FeatureMatrix, matrixFromColumns, selectMatrixRows } from './linalg/matrix.js';
export { similarRows } from './linalg/similar-rows.js';
export {
  drawFromPrior,
  fitMajorityBaseline,
  fitMeanBaseline,
  fitMedianBaseline,
  fitPersistenceBaseline,
  type MajorityBaseline,
  oneCluster,
  type PersistenceBaseline,
  seasonalNaiveForecast,
} from './metrics/baselines.js';
export { type BiasVariance, type BiasVarianceOptions, biasVarianceDecomposition } from './metrics/bias-variance.js';
export { type BleuOptions, bleuOfSums, bleuTerms, corpusBleu, sentenceBleu } from './metrics/bleu.js';
export {
  type CalibrationBin,
  type CalibrationError,
  type CalibrationOptions,
  calibrationCurve,
  calibrationError,
  expectedCalibrationError,
} from './metrics/calibration.js';
export {
  accuracy,
  balancedAccuracy,
  type ClassReport,
  cohenKappa,
  matthewsCorrelation,
  type PrecisionRecall,
  type PrecisionRecallOptions,
  precisionRecall,
  precisionRecallPerClass,
} from './metrics/classification-metrics.js';
export { clusteringAgreement } from './metrics/clustering-agreement.js';
export { type ClusteringShape, clusteringShape, type ShapeOptions } from './metrics/clustering-shape.js';
// Metrics
export { type ConfusionMatrix, confusionMatrix } from './metrics/confusion-matrix.js';
export { type HumanMachineInput, type HumanMachineMetrics, scoreHumanMachine } from './metrics/human-machine.js';
export {
  averagePrecisionMulticlass,
  averagePrecisionPerClass,
  type ClassScores,
  type MulticlassRocAucOptions,
  rocAucMulticlass,
  rocAucPerClass,
  topKAccuracy,
} from './metrics/multiclass-ranking.js';
export { type PolicyInput, type PolicyMetrics, scorePolicy } from './metrics/policy-metrics.js';
export {
  binaryLogLossRows,
  brierRows,
  brierRowsMulticlass,
  brierScore,
  brierSkillScore,
  logLoss,
  logLossRows,
  mean,
} from './metrics/probability-metrics.js';
export {
  type ListMetrics,
  type RankedListsInput,
  rankedListMetrics,
  scoreRankedLists,
} from './metrics/ranked-lists.js';
export { averagePrecision, type RankedRows, rankRows, rocAuc } from './metrics/ranking-metrics.js';
export {
  absoluteErrorRows,
  explainedVariance,
  maxError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanPoissonDeviance,
  medianAbsoluteError,
  pinballLoss,
  pinballRows,
  type RegressionRows,
  residuals,
  rootMeanSquaredError,
  rootMeanSquaredLogError,
  rSquared,
  squaredErrorRows,
} from './metrics/regression-metrics.js';
export { type Rouge, type RougeScore, rouge } from './metrics/rouge.js';
export {
  type ClassificationInput,
  type Scores,
  scoreBinaryProbability,
  scoreClassification,
  scoreLabels,
} from './metrics/score-classification.js';
export { orderByScore } from './metrics/score-order.js';
export { type ResidualSummary, scoreRegression, summariseResiduals } from './metrics/score-regression.js';
export { exactMatchRows, rougeRows, scoreText } from './metrics/score-text.js';
export {
  type PrecisionRecallCurve,
  precisionRecallCurve,
  type RocCurve,
  rocCurve,
} from './metrics/threshold-curves.js';
export { numErrors } from './num-errors.js';
// ONNX
export { type ExportModelInput, exportModel, isReservedName, OUTPUT_NAMES } from './onnx/export-model.js';
export type { OnnxGraph } from './onnx/onnx-graph.js';
// Threads
export { createKernel, singleThread } from './parallel/kernel-catalogue.js';
export {
  type Kernel,
  type ParallelRegion,
  type SharedState,
  sharedBytes,
  shareFloat32,
  type ThreadPool,
} from './parallel/thread-pool.js';
export { PREPROCESS_RULES, parsePreprocessSpec, preprocessProblems } from './preprocess/check-preprocess-spec.js';
export { MISSING_TIME } from './preprocess/date/onnx-civil-date.js';
export { type FitPreprocessorOptions, fitPreprocessor } from './preprocess/fit-preprocessor.js';
export { type InferredPreprocessing, inferPreprocessSpec } from './preprocess/infer-preprocess-spec.js';
export { type FittedPca, fitPca, type PcaOptions } from './preprocess/pca.js';
export type * from './preprocess/preprocess-spec.js';
export type {
  Feature,
  FittedPart,
  FittedPreprocessing,
  FittedPreprocessor,
  FittedStep,
  PreprocessDecision,
  PreprocessTarget,
  RawInput,
} from './preprocess/preprocess-types.js';
export type {
  BooleanColumnView,
  ColumnView,
  Float64ColumnView,
  StringColumnView,
  TableView,
  TimestampColumnView,
} from './preprocess/table-view.js';
export { type TextRole, textRole } from './preprocess/text/text-role.js';
export { type FoldClassVerdict, foldClasses } from './random/fold-classes.js';
export {
  type Fold,
  holdOut,
  kFold,
  type NestedFold,
  nestedFolds,
  repeatedFolds,
  stratifiedKFold,
} from './random/folds.js';
export { groupKFold, leaveOneGroupOut, stratifiedGroupKFold } from './random/group-folds.js';
export { type FoldData, type FoldSpec, planFolds, planNestedFolds } from './random/plan-folds.js';
// Random numbers, splits and folds
export { createRng, type Rng } from './random/rng.js';
export { range, splitByGroup, splitByTime, splitRandom } from './random/split.js';
export {
  type LabelTimes,
  purgeFolds,
  type TimeSeriesFoldOptions,
  timeSeriesFolds,
} from './random/time-folds.js';
export { benjaminiHochberg } from './resample/benjamini-hochberg.js';
export { automaticBlockLength } from './resample/block-length.js';
// Uncertainty
export {
  type BootstrapInterval,
  type BootstrapOptions,
  bootstrapManyMeans,
  bootstrapMeans,
  bootstrapRows,
  pairedBootstrap,
  quantileOfSorted,
} from './resample/bootstrap.js';
export { bootstrapConfusion, type LabelledRows } from './resample/bootstrap-confusion.js';
export { bootstrapRanks, bootstrapRocAuc } from './resample/bootstrap-roc-auc.js';
export { delongInterval, delongPaired, type PairedAreas } from './resample/delong.js';
export {
  compareLabels,
  correctedResampledTest,
  logitInterval,
  type McNemarResult,
  mcnemarTest,
} from './resample/paired-tests.js';
export {
  type Count,
  proportionDifference,
  proportionRatio,
  proportionTest,
  wilsonInterval,
} from './resample/proportions.js';
// Search
export { parseSearchSpace } from './search/parse-search-space.js';
export { nonDominationRanks } from './search/samplers/non-domination.js';
export { checkSearchSpace } from './search/search-space.js';
export type * from './search/search-types.js';
export { createStudy } from './search/study.js';
export { suggest } from './search/suggest.js';
export { verifyStudy } from './search/verify-study.js';
// Slices
export { type SliceColumn, sliceColumns } from './slices/slice-columns.js';
export { findWorstSlices, type Slice, type WorstSlices, type WorstSlicesOptions } from './slices/worst-slices.js';
// Special functions
export {
  chiSquareSurvival,
  gammaQ,
  kolmogorovSurvival,
  logGamma,
  normalCdf,
  normalQuantile,
  normalSurvival,
} from './special/special-functions.js';
export { incompleteBeta, studentQuantile, studentSurvival } from './special/student.js';
export {
  type FittedGaussianNaiveBayes,
  fitGaussianNaiveBayes,
  type GaussianNaiveBayesOptions,
} from './trainers/bayes/gaussian-naive-bayes.js';
// Trainers
export type { BoostedTrees } from './trainers/boosting/boosted-trees.js';
export {
  type BoostingClassifierOptions,
  type BoostingRegressorOptions,
  type FittedGradientBoostingClassifier,
  type FittedGradientBoostingRegressor,
  fitGradientBoostingClassifier,
  fitGradientBoostingRegressor,
} from './trainers/boosting/gradient-boosting.js';
export {
  type CalibrationFitOptions,
  type FittedCalibrated,
  fitCalibrated,
} from './trainers/calibration/calibrated.js';
export { fitIsotonic, type Isotonic, type IsotonicOptions, predictIsotonic } from './trainers/calibration/isotonic.js';
export {
  fitSigmoid,
  type Sigmoid,
  type SigmoidOptions,
  sigmoidProbability,
} from './trainers/calibration/platt-sigmoid.js';
export type { ClassTargetOptions, ClassWeight } from './trainers/class-targets.js';
export { type FittedKMeans, fitKMeans, type KMeansOptions } from './trainers/clusters/k-means.js';
export type { BaseTrainer, FindTrainer } from './trainers/ensembles/base-trainers.js';
export {
  type FittedStackingClassifier,
  type FittedStackingRegressor,
  fitStackingClassifier,
  fitStackingRegressor,
  type StackingOptions,
} from './trainers/ensembles/stacking.js';
export {
  type FittedVotingClassifier,
  type FittedVotingRegressor,
  fitVotingClassifier,
  fitVotingRegressor,
} from './trainers/ensembles/voting.js';
export {
  type ElasticNetOptions,
  type FittedElasticNet,
  type FittedLasso,
  fitElasticNet,
  fitLasso,
  type LassoOptions,
} from './trainers/linear/elastic-net.js';
export {
  type FittedLinearRegression,
  type FittedRidge,
  fitLinearRegression,
  fitRidge,
  type LinearRegressionOptions,
  type RidgeOptions,
} from './trainers/linear/linear-regression.js';
export {
  type FittedLogisticRegression,
  fitLogisticRegression,
  type LogisticRegressionOptions,
} from './trainers/linear/logistic-regression.js';
export {
  type FittedNeighbourClassifier,
  type FittedNeighbourRegressor,
  fitNeighbourClassifier,
  fitNeighbourRegressor,
  type NeighbourClassifierOptions,
  type NeighbourRegressorOptions,
} from './trainers/neighbours/k-nearest-neighbours.js';
export {
  type FittedPerceptronClassifier,
  type FittedPerceptronRegressor,
  fitPerceptronClassifier,
  fitPerceptronRegressor,
  type PerceptronClassifierOptions,
  type PerceptronRegressorOptions,
} from './trainers/neural/multi-layer-perceptron.js';
export { camelCaseParams, paramProblems, writtenValues } from './trainers/param-rules.js';
export type { ParamRule, Params, ParamValue, WrittenParam } from './trainers/param-types.js';
export {
  type FittedSelfTraining,
  fitSelfTraining,
  type SelfTrainingOptions,
  UNLABELLED,
} from './trainers/semi-supervised/self-training.js';
export { type FittedLinearSvc, fitLinearSvc, type LinearSvcOptions } from './trainers/svm/linear-svc.js';
export { type FittedLinearSvr, fitLinearSvr, type LinearSvrOptions } from './trainers/svm/linear-svr.js';
export { type FittedSvc, fitSvc, type SvcOptions } from './trainers/svm/svc.js';
export { type FittedSvr, fitSvr, type SvrOptions } from './trainers/svm/svr.js';
export { findTrainer, TRAINERS } from './trainers/trainer-catalogue.js';
export {
  type ClassificationContext,
  type FeatureNeeds,
  type FitContext,
  type TrainerDefinition,
  tasksOf,
} from './trainers/trainer-definition.js';
export {
  type FitHooks,
  type FittedClassifierBase,
  type FittedClustererBase,
  type FittedDetectorBase,
  type FittedModel,
  type FittedRegressorBase,
  mostProbable,
  probabilityOf,
  type StopSignal,
  type Task,
} from './trainers/trainer-types.js';
export {
  type DecisionTreeOptions,
  type DecisionTreeRegressorOptions,
  fitDecisionTree,
  fitDecisionTreeRegressor,
} from './trainers/trees/decision-tree.js';
export type { FittedTreeClassifier, FittedTreeRegressor } from './trainers/trees/fit-forest.js';
export type { ForestStructure } from './trainers/trees/forest-structure.js';
export {
  type FittedIsolationForest,
  fitIsolationForest,
  type IsolationForestOptions,
} from './trainers/trees/isolation-forest.js';
export {
  fitExtraTrees,
  fitExtraTreesRegressor,
  fitRandomForest,
  fitRandomForestRegressor,
  type RandomForestOptions,
  type RandomForestRegressorOptions,
} from './trainers/trees/random-forest.js';
