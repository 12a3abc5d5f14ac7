import { describe, expect, it } from 'vitest';
import { type FeatureMatrix, matrixFromColumns, selectMatrixRows } from '../linalg/matrix.js';
import { accuracy } from '../metrics/classification-metrics.js';
import { confusionMatrix } from '../metrics/confusion-matrix.js';
import { mean } from '../metrics/probability-metrics.js';
import { rocAuc } from '../metrics/ranking-metrics.js';
import { rSquared } from '../metrics/regression-metrics.js';
import { worstDifference } from '../onnx/graph-run.fixture.js';
import type { Params } from './param-types.js';
import { clouds, FEATURES, plane, ROWS, strays } from './trainer-data.fixture.js';
import { type FitContext, type TrainerDefinition, tasksOf } from './trainer-definition.js';
import { answersOf, edgeRows, expectParity } from './trainer-parity.fixture.js';
import { type FittedModel, mostProbable, probabilityOf, type Task } from './trainer-types.js';

/** Where a trainer departs from what is asked of all; each is a decision to defend in trainer.test.ts. */
export interface TrainerExceptions {
  /** Smaller or smoother than the defaults, so that the suite is fast. */
  readonly params?: Params;
  /** Has no weights in scikit-learn either (neighbours, perceptrons). */
  readonly ignoresWeights?: true;
  /** Why a row of weight 2 is not that row twice: the algorithm counts, draws or parts rows. */
  readonly countsRows?: string;
  /** Under which weight 2 is that row twice exactly: no chance over rows, no least number of rows. Default `params`. */
  readonly weightParams?: Params;
  /** The fit is one step: it cannot be stopped between steps, only before the first. */
  readonly oneStep?: true;
  /** Default 0.75. */
  readonly minAccuracy?: number;
  /** Default 0.75. */
  readonly minRSquared?: number;
  /** Of |model − runtime| / (1 + |model|); default 1e-5. */
  readonly parity?: number;
}

type Fit = (x: FeatureMatrix, context?: Partial<FitContext>, y?: Int32Array | Float64Array) => FittedModel;

const DATA = {
  classification: () => clouds(3),
  regression: plane,
  clustering: () => clouds(3),
  anomaly: () => ({ x: strays().x, y: strays().stray }),
} as const;

/** What every trainer must do, for each task that it has; a new trainer is one file and one line in the catalogue. */
export function describeTrainer(trainer: TrainerDefinition, exceptions: TrainerExceptions = {}): void {
  for (const task of tasksOf(trainer)) {
    describe(`${trainer.name}, ${task}`, () => {
      const fit = fitOf(trainer, task, exceptions.params ?? {});
      if (task === 'classification') describeClassifier(trainer, exceptions);
      else if (task === 'regression') describeRegressor(fit, exceptions);
      else describeDiscovery(fit, task);
      describeAny(fit, { trainer, task, exceptions });
      if (!exceptions.ignoresWeights && exceptions.countsRows === undefined) {
        describeWeights(fitOf(trainer, task, exceptions.weightParams ?? exceptions.params ?? {}), task);
      }
    });
  }
}

/** The fit of one task with the data of that task as default target. */
function fitOf(trainer: TrainerDefinition, task: Task, params: Params): Fit {
  return (x, context = {}, y = DATA[task]().y) => {
    const told = { seed: 0, ...context };
    if (task === 'regression') return trainer.regress?.(x, y as Float64Array, params, told) as FittedModel;
    if (task !== 'classification') return trainer.discover?.(x, params, told) as FittedModel;
    return trainer.classify?.(x, y as Int32Array, params, { classCount: 3, ...told }) as FittedModel;
  };
}

function describeClassifier(trainer: TrainerDefinition, { params = {}, ...exceptions }: TrainerExceptions): void {
  const { classify } = trainer;
  if (classify === undefined) return;
  for (const classCount of [2, 3]) {
    it(`learns ${classCount} classes and gives probabilities`, () => {
      const { x, y } = clouds(classCount);
      const model = classify(x, y, params, { seed: 0, classCount });
      const p = model.predictProbabilities(x);
      expect(model.classCount).toBe(classCount);
      expect(p.length).toBe(ROWS * classCount);
      for (let row = 0; row < ROWS; row++) {
        const own = p.subarray(row * classCount, (row + 1) * classCount);
        expect(own.every((value) => value >= 0 && value <= 1)).toBe(true);
        expect(own.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
      }
      const matrix = confusionMatrix(y, mostProbable(p, classCount), { classCount });
      expect(accuracy(matrix)).toBeGreaterThan(exceptions.minAccuracy ?? 0.75);
    });
  }

  const { x, y } = clouds(3);
  it.skipIf(exceptions.ignoresWeights)('listens to class and sample weights: a lighter class is less probable', () => {
    const meanOfOne = (context: object) =>
      mean(probabilityOf(classify(x, y, params, { seed: 0, classCount: 3, ...context }).predictProbabilities(x), 3, 1));
    const plain = meanOfOne({});
    const light = meanOfOne({ classWeight: [1, 0.05, 1] });
    expect(light).toBeLessThan(0.85 * plain);
    expect(meanOfOne({ sampleWeight: Float64Array.from(y, (k) => (k === 1 ? 0.05 : 1)) })).toBeCloseTo(light, 6);
  });

  it('keeps a place for a class it never met, and refuses or answers one class only', () => {
    const two = answersOrCode(() => classify(x, clouds(2).y, params, { seed: 0, classCount: 3 }), x);
    if (typeof two !== 'string') expect(mean(probabilityOf(two, 3, 2))).toBeLessThan(0.05);
    const one = answersOrCode(() => classify(x, new Int32Array(ROWS).fill(1), params, { seed: 0, classCount: 3 }), x);
    if (typeof one !== 'string') expect(mean(probabilityOf(one, 3, 1))).toBeGreaterThan(0.9);
  });

  it('refuses negative codes and class weights that do not fit', () => {
    const context = { seed: 0, classCount: 3 };
    const wrong = trainer.takesUnlabelled ? -2 : -1;
    refuses(() => classify(x, Int32Array.from(y).fill(wrong, 0, 1), params, context), 'NUM_RANGE');
    refuses(() => classify(x, y, params, { ...context, classWeight: [1, 1] }), 'NUM_SHAPE');
  });
}

function describeRegressor(fit: Fit, exceptions: TrainerExceptions): void {
  const { x, y } = plane();

  it('learns a slope', () => {
    expect(rSquared(y, answersOf(fit(x), x))).toBeGreaterThan(exceptions.minRSquared ?? 0.75);
  });

  it.skipIf(exceptions.ignoresWeights)('listens to weights: answers go where the weight is', () => {
    const sampleWeight = y.map((value) => (value > 7 ? 0.05 : 1));
    expect(mean(answersOf(fit(x, { sampleWeight }), x))).toBeLessThan(mean(answersOf(fit(x), x)) - 0.005);
  });

  it('answers a constant target with the constant, and refuses a target that is not finite', () => {
    const same = answersOf(fit(x, {}, new Float64Array(ROWS).fill(-3)), x);
    for (const value of same) expect(Math.abs(value + 3)).toBeLessThan(0.11);
    refuses(() => fit(x, {}, y.slice().fill(Number.NaN, 3, 4)), 'NUM_NOT_FINITE');
  });
}

/** Few enough that no feature has more values than a histogram has bins: quantiles of rows know no weights. */
const WEIGHED_ROWS = 150;

function describeWeights(fit: Fit, task: Task): void {
  it('takes a row of weight 2 as that row twice', () => {
    const { x, y } = DATA[task]();
    const once = Int32Array.from({ length: WEIGHED_ROWS }, (_, i) => i);
    const sampleWeight = Float64Array.from(once, (i) => (i % 3 === 0 ? 2 : 1));
    const twice = Int32Array.from([...once].flatMap((i) => (sampleWeight[i] === 2 ? [i, i] : [i])));
    const targets = (rows: Int32Array) =>
      y instanceof Int32Array ? Int32Array.from(rows, (i) => y[i]) : Float64Array.from(rows, (i) => y[i]);
    const answers = (rows: Int32Array, context: Partial<FitContext>) =>
      answersOf(fit(selectMatrixRows(x, rows), context, targets(rows)), x);
    const weighed = answers(once, { sampleWeight });
    expect(worstDifference(answers(twice, {}), weighed)).toBeLessThan(1e-9);
    expect(worstDifference(answers(once, {}), weighed)).toBeGreaterThan(1e-4);
  });
}

function describeDiscovery(fit: Fit, task: Task): void {
  it('finds what is there to find', () => {
    if (task === 'anomaly') {
      const { x, stray } = strays();
      const scores = answersOf(fit(x), x);
      expect(rocAuc(stray, scores)).toBeGreaterThan(0.95);
      return;
    }
    const { x } = clouds(3);
    const model = fit(x);
    if (model.task !== 'clustering') throw new Error('not a clustering');
    expect(answersOf(model, x).length).toBe(ROWS * model.clusterCount);
    const nearest = mostProbable(
      answersOf(model, x).map((distance) => -distance),
      model.clusterCount,
    );
    expect(new Set(nearest).size).toBe(model.clusterCount);
  });
}

interface Case {
  readonly trainer: TrainerDefinition;
  readonly task: Task;
  readonly exceptions: TrainerExceptions;
}

function describeAny(fit: Fit, { trainer, task, exceptions }: Case): void {
  const { x, y } = DATA[task]();
  const withHoles = trainer.needs.missing === 'accept';

  it('is the same twice, frozen, says what it is, and leaves its inputs alone', () => {
    const before = { x: x.values.slice(), y: y.slice() };
    const first = fit(x, {}, y);
    expect(answersOf(fit(x, {}, y), x)).toEqual(answersOf(first, x));
    expect(Object.isFrozen(first)).toBe(true);
    expect(first).toMatchObject({ kind: trainer.name, task, featureCount: FEATURES });
    expect({ x: x.values, y }).toEqual(before);
  });

  it('judges a row by itself: alone or among others', () => {
    const model = fit(x);
    const all = answersOf(model, x);
    const width = all.length / ROWS;
    const one = selectMatrixRows(x, Int32Array.of(7));
    expect(answersOf(model, one)).toEqual(all.slice(7 * width, 8 * width));
    expect(answersOf(model, selectMatrixRows(x, new Int32Array(0))).length).toBe(0);
  });

  it('reports progress up to one and stops when told', () => {
    const seen: number[] = [];
    fit(x, { onProgress: (ratio) => seen.push(ratio) });
    expect(seen.at(-1)).toBe(1);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    const stop = new AbortController();
    const enough = () => stop.abort(new Error('enough'));
    if (exceptions.oneStep) enough();
    expect(() => fit(x, { signal: stop.signal, onProgress: enough })).toThrow('enough');
  });

  it('refuses wrong shapes, infinite values and no rows, with a code', () => {
    const holed = { ...x, values: x.values.slice() };
    holed.values[5] = withHoles ? Number.POSITIVE_INFINITY : Number.NaN;
    const empty = matrixFromColumns(Array.from({ length: FEATURES }, () => []));
    refuses(() => fit({ ...x, rowCount: ROWS + 1 }), 'NUM_SHAPE');
    refuses(() => fit(holed), 'NUM_NOT_FINITE');
    refuses(() => fit(empty, {}, y.slice(0, 0)), 'NUM_TOO_FEW');
    refuses(() => answersOf(fit(x), matrixFromColumns([[1, 2]])), 'NUM_SHAPE');
    if (task === 'classification' || task === 'regression') refuses(() => fit(x, {}, y.slice(1)), 'NUM_SHAPE');
  });

  it('answers or refuses a single row and a constant feature, and never says NaN', () => {
    const row = selectMatrixRows(x, Int32Array.of(0));
    answersOrCode(() => fit(row, {}, y.slice(0, 1)), row);
    const flat = { ...x, values: x.values.slice().fill(2, 0, ROWS) };
    expect(typeof answersOrCode(() => fit(flat), flat)).not.toBe('string');
  });

  it('answers in the runtime as here, on thresholds and on edges', async () => {
    const model = fit(x);
    await expectParity(model, edgeRows(model, x, withHoles), exceptions.parity ?? 1e-5);
  });
}

function refuses(run: () => unknown, code: string): void {
  expect(run).toThrow(expect.objectContaining({ code, remedy: expect.any(String) }));
}

/** Finite answers of what `fit` gives, or the NUM_ code with which it refuses. */
function answersOrCode(fit: () => FittedModel, x: FeatureMatrix): Float64Array | string {
  let model: FittedModel;
  try {
    model = fit();
  } catch (error) {
    const { code } = error as { code?: string };
    expect(code).toMatch(/^NUM_/);
    return String(code);
  }
  const answers = answersOf(model, x);
  expect(answers.every((value) => Number.isFinite(value))).toBe(true);
  return answers;
}
