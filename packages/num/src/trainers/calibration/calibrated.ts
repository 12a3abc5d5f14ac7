import { checkMatrix, type FeatureMatrix, selectMatrixRows } from '../../linalg/matrix.js';
import { type Calibrator, writeCalibrated } from '../../onnx/onnx-calibration.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { stratifiedKFold } from '../../random/folds.js';
import { prepareTargets } from '../class-targets.js';
import { type BaseTrainer, classifyPart, jointThresholds } from '../ensembles/base-trainers.js';
import { writeMean } from '../ensembles/voting.js';
import type { ClassificationContext } from '../trainer-definition.js';
import { type FittedClassifierBase, throwIfStopped } from '../trainer-types.js';
import { fitIsotonic, isotonicAt } from './isotonic.js';
import { fitSigmoid, sigmoidProbability } from './platt-sigmoid.js';

export interface CalibrationFitOptions {
  readonly base: BaseTrainer;
  /** Default 'sigmoid'. */
  readonly method?: 'sigmoid' | 'isotonic';
  /** Default 5. */
  readonly cv?: number;
  /** True (default): the mean of one calibrated model per fold; false: one model on all rows, calibrated out of fold. */
  readonly ensemble?: boolean;
}

interface Member {
  readonly model: FittedClassifierBase;
  readonly calibrators: readonly Calibrator[];
}

export interface FittedCalibrated extends FittedClassifierBase {
  readonly kind: 'calibrated';
  readonly members: readonly Member[];
}

/** Probabilities of 0 and 1 have no log-odds. */
const EDGE = 1e-7;

/**
 * Probabilities that mean what they say, as scikit-learn's CalibratedClassifierCV: each class against the rest, divided
 * by their sum. The sigmoid works on log-odds (what scikit-learn does with a logistic regression's decision function;
 * of a forest it takes plain probabilities), isotonic regression on probabilities. Folds are stratified, in row order.
 *
 * @throws NUM_TOO_FEW when there are fewer rows than folds.
 */
export function fitCalibrated(
  x: FeatureMatrix,
  y: Int32Array,
  options: CalibrationFitOptions,
  context: ClassificationContext,
): FittedCalibrated {
  const { base, method = 'sigmoid', cv = 5, ensemble = true } = options;
  checkMatrix('x', x);
  const { classCount, weights } = prepareTargets(y, x.rowCount, context);
  const folds = stratifiedKFold(y, cv);
  const parts = cv + Number(!ensemble);
  const learn = (told: Float64Array, rows: Int32Array): Calibrator[] =>
    learnCalibrators({ told, y, weights, rows, classCount }, method);
  const outOfFold = new Float64Array(x.rowCount * classCount);
  const members: Member[] = [];
  folds.forEach(({ train, test }, part) => {
    throwIfStopped(context.signal);
    const model = classifyPart(base, { x, y }, context, { label: `calibrated ${part}`, part, parts, rows: train });
    const told = model.predictProbabilities(selectMatrixRows(x, test));
    if (ensemble) members.push({ model, calibrators: learn(told, test) });
    else
      test.forEach((row, i) => {
        outOfFold.set(told.subarray(i * classCount, (i + 1) * classCount), row * classCount);
      });
  });
  if (!ensemble) {
    const model = classifyPart(base, { x, y }, context, { label: 'calibrated', part: cv, parts });
    members.push({ model, calibrators: learn(outOfFold, Int32Array.from(y.keys())) });
  }
  context.onProgress?.(1);
  const share = 1 / members.length;
  return Object.freeze({
    kind: 'calibrated' as const,
    task: 'classification' as const,
    featureCount: x.featureCount,
    classCount,
    members: Object.freeze(members),
    predictProbabilities: (rows: FeatureMatrix) => {
      const out = new Float64Array(rows.rowCount * classCount);
      for (const member of members) addCalibrated(out, { member, rows, share });
      return out;
    },
    writeOnnx: (graph: OnnxGraph, features: string) => {
      const writers = members.map(({ model, calibrators }) => ({
        writeOnnx: (inner: OnnxGraph, input: string) =>
          writeCalibrated(inner, calibrators, { probabilities: model.writeOnnx(inner, input), classCount }),
      }));
      return writeMean(graph, writers, { shares: members.map(() => share), features });
    },
    thresholds: () =>
      jointThresholds(
        members.map(({ model }) => model),
        x.featureCount,
      ),
  });
}

/** One per class, or only that of class 1 when there are two. */
function learnCalibrators(
  data: { told: Float64Array; y: Int32Array; weights: Float64Array; rows: Int32Array; classCount: number },
  method: 'sigmoid' | 'isotonic',
): Calibrator[] {
  const { told, y, weights, rows, classCount } = data;
  const codes = classCount === 2 ? [1] : Array.from({ length: classCount }, (_, k) => k);
  const own = Float64Array.from(rows, (row) => weights[row]);
  return codes.map((code): Calibrator => {
    const scores = Float64Array.from(rows, (_, i) => Math.fround(told[i * classCount + code]));
    const positive = Uint8Array.from(rows, (row) => Number(y[row] === code));
    if (method === 'sigmoid') return { sigmoid: fitSigmoid(scores.map(logOdds), positive, { weights: own }) };
    return { isotonic: fitIsotonic(scores, Float64Array.from(positive), { sampleWeight: own, yMin: 0, yMax: 1 }) };
  });
}

function logOdds(p: number): number {
  const inside = Math.min(Math.max(p, EDGE), 1 - EDGE);
  return Math.log(inside / (1 - inside));
}

/** Adds `share` times the member's probabilities; a row that every class refuses is spread evenly. */
function addCalibrated(out: Float64Array, at: { member: Member; rows: FeatureMatrix; share: number }): void {
  const { model, calibrators } = at.member;
  const k = model.classCount;
  const told = model.predictProbabilities(at.rows);
  const own = new Float64Array(k);
  for (let row = 0; row < at.rows.rowCount; row++) {
    let sum = 0;
    for (let c = 0; c < calibrators.length; c++) {
      const code = k === 2 ? 1 : c;
      const score = Math.fround(told[row * k + code]);
      const { sigmoid, isotonic } = calibrators[c];
      own[code] = sigmoid ? sigmoidProbability(sigmoid, logOdds(score)) : isotonic ? isotonicAt(isotonic, score) : 0;
      sum += own[code];
    }
    if (k === 2) own[0] = 1 - own[1];
    else for (let c = 0; c < k; c++) own[c] = sum > 0 ? own[c] / sum : 1 / k;
    for (let c = 0; c < k; c++) out[row * k + c] += at.share * own[c];
  }
}
