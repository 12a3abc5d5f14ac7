// Golden numbers of scikit-learn 1.9.1 in trees.golden.json: nodes as [feature, threshold, rows], parents first, left first.
import { describe, expect, it } from 'vitest';
import {
  type DecisionTreeOptions,
  type FeatureMatrix,
  fitDecisionTree,
  fitDecisionTreeRegressor,
  fitExtraTrees,
  fitExtraTreesRegressor,
  fitIsolationForest,
  fitRandomForest,
  fitRandomForestRegressor,
  matrixFromColumns,
  probabilityOf,
  rocAuc,
  rSquared,
  selectMatrixRows,
} from '../../index.js';
import { runFeatureGraph, worstDifference } from '../../onnx/graph-run.fixture.js';
import { AbsoluteErrors } from './absolute-errors.js';
import type { ForestStructure } from './forest-structure.js';
import golden from './trees.golden.json' with { type: 'json' };

const N = 600;

function stream(seed: number): number[] {
  let state = seed;
  return Array.from({ length: N }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

const columns = [40, 25, 60, 10].map((levels, f) => stream(f + 1).map((u) => Math.floor(u * levels)));
const noise = stream(5);
const z = Float64Array.from(
  noise,
  (u, i) => columns[0][i] / 40 + (columns[1][i] / 25) ** 2 - (0.5 * columns[2][i]) / 60 + 0.6 * u,
);
const y = Int32Array.from(z, (value) => Number(value > 0.75) + Number(value > 1.1));
const x = matrixFromColumns(columns);
const everyTwelfth = Int32Array.from({ length: N / 12 }, (_, i) => 12 * i);
const SEEDS = [0, 1, 2, 3, 4];

/** Inner nodes, parents first, left first. */
function innerNodes({ feature, threshold, left, cover }: ForestStructure): number[][] {
  const walk = (node: number): number[][] =>
    feature[node] < 0
      ? []
      : [[feature[node], threshold[node], cover[node]], ...walk(left[node]), ...walk(left[node] + 1)];
  return walk(0);
}

const rowsOf = (parity: number) => Int32Array.from({ length: N / 2 }, (_, i) => 2 * i + parity);
const meanOver = (score: (seed: number) => number) => SEEDS.reduce((sum, seed) => sum + score(seed), 0) / SEEDS.length;

describe('a decision tree', () => {
  const nodes = (options: Partial<DecisionTreeOptions>) =>
    innerNodes(fitDecisionTree(x, y, { seed: 0, ...options }).forest);

  it('splits as scikit-learn does, by Gini and by entropy', () => {
    expect(nodes({ maxDepth: 4 })).toEqual(golden.gini);
    // Below 36 rows two features part the rows equally well, and each side draws its own order of features.
    const large = (node: number[]) => node[2] > 35;
    expect(nodes({ maxDepth: 4, criterion: 'entropy' }).filter(large)).toEqual(golden.entropy.filter(large));
  });

  it('splits values as scikit-learn does, to a depth and best-first', () => {
    const values = (options: object) => innerNodes(fitDecisionTreeRegressor(x, z, { seed: 0, ...options }).forest);
    expect(values({ maxDepth: 3 })).toEqual(golden.squared);
    expect(values({ maxLeafNodes: 7 })).toEqual(golden.best);
  });

  it('minimises absolute and Poisson errors as scikit-learn does, with weights', () => {
    const twelfth = selectMatrixRows(x, everyTwelfth);
    const expectSame = (name: 'absolute' | 'absoluteWeighted' | 'poisson', target: Float64Array, options: object) => {
      const model = fitDecisionTreeRegressor(x, target, { seed: 0, ...options });
      expect(innerNodes(model.forest).map(([f, threshold]) => [f, threshold])).toEqual(
        golden[name].nodes.map(([f, threshold]) => [f, threshold]),
      );
      expect(worstDifference(golden[name].predictions, model.predict(twelfth))).toBeLessThan(1e-8);
      return model;
    };
    const { forest } = expectSame('absolute', z, { criterion: 'absolute_error', maxDepth: 4 });
    expect(forest.impurity[0]).toBeCloseTo(golden.absolute.impurity[0], 8);
    const sampleWeight = Float64Array.from(z, (_, i) => ((i % 5) + 1) / 3);
    expectSame('absoluteWeighted', z, {
      criterion: 'absolute_error',
      maxLeafNodes: 9,
      minSamplesLeaf: 12,
      sampleWeight,
    });
    const counts = z.map((value) => Math.floor(Math.max(value, 0) * 4));
    expectSame('poisson', counts, { criterion: 'poisson', maxDepth: 4 });
  });

  it('finds the absolute errors of both sides of each bin, missing rows on either', () => {
    const [many, levels] = [301, 6];
    const targets = Float64Array.from({ length: many }, (_, i) => ((i * 37) % 23) / 4);
    const weights = Float64Array.from({ length: many }, (_, i) => 1 + (i % 3));
    const bins = Uint8Array.from({ length: many }, (_, i) => (i % 11 === 0 ? 255 : (i * 13) % levels));
    const rows = Int32Array.from({ length: many }, (_, i) => i);
    const errors = new AbsoluteErrors({ targets, weights, bins, rows });
    errors.enter({ start: 40, end: 290 });
    for (const missingLeft of [0, 1]) {
      errors.sweep(0, missingLeft);
      for (let bin = 0; bin < levels; bin++) {
        const goesLeft = (row: number) => (bins[row] === 255 ? missingLeft === 1 : bins[row] <= bin);
        const side = (left: boolean) => rows.subarray(40, 290).filter((row) => goesLeft(row) === left);
        expect(errors.left[bin]).toBeCloseTo(errorOf(side(true)), 9);
        expect(errors.right[bin]).toBeCloseTo(errorOf(side(false)), 9);
      }
    }
    /** The least sum of weighted distances to any of the targets. */
    function errorOf(part: Int32Array): number {
      const distance = (to: number) => part.reduce((sum, row) => sum + weights[row] * Math.abs(targets[row] - to), 0);
      return part.length === 0 ? 0 : Math.min(...Array.from(part, (row) => distance(targets[row])));
    }
  });

  it('is pruned by cost and complexity to the same tree', () => {
    expect(nodes({ ccpAlpha: 0.005 }).length).toBe(golden.pruned.length);
  });

  it('learns the side of missing values as scikit-learn does', () => {
    const holed = matrixFromColumns(
      columns.map((column, f) => column.map((value, i) => (i % [3, 7][f] === 0 ? Number.NaN : value))),
    );
    const { forest } = fitDecisionTree(holed, y, { seed: 0, maxDepth: 4 });
    expect(innerNodes(forest)).toEqual(golden.missing);
  });

  it('sends a gap where training had none with most rows, in ONNX too', async () => {
    const asked = selectMatrixRows(x, everyTwelfth);
    for (let i = 0; i < asked.rowCount; i++) asked.values[(i % 4) * asked.rowCount + i] = Number.NaN;
    const classes = fitDecisionTree(x, y, { seed: 0, maxDepth: 4 });
    // Probabilities of leaves are multiples of 2⁻¹⁴.
    expect(worstDifference(golden.gapsAsked.classes, classes.predictProbabilities(asked))).toBeLessThan(1e-4);
    const values = fitDecisionTreeRegressor(x, z, { seed: 0, maxLeafNodes: 20 });
    expect(worstDifference(golden.gapsAsked.values, values.predict(asked))).toBeLessThan(1e-6);
    const answer = await runFeatureGraph(asked, 1, (graph, features) => values.writeOnnx(graph, features));
    expect(worstDifference(values.predict(asked), answer)).toBeLessThan(1e-6);
  });
});

describe('forests', () => {
  const train = selectMatrixRows(x, rowsOf(0));
  const test = selectMatrixRows(x, rowsOf(1));
  const half = (values: Float64Array, parity: number) => Float64Array.from(rowsOf(parity), (row) => values[row]);
  const classes = Int32Array.from(rowsOf(0), (row) => y[row]);
  const positive = Int32Array.from(rowsOf(1), (row) => Number(y[row] > 0));

  it('of classes rank as well as scikit-learn’s, over five seeds', () => {
    const auc = (fit: typeof fitRandomForest) =>
      meanOver((seed) => {
        const p = fit(train, classes, { seed }).predictProbabilities(test);
        return rocAuc(
          positive,
          probabilityOf(p, 3, 0).map((value) => 1 - value),
        );
      });
    expect(Math.abs(auc(fitRandomForest) - golden.auc.rf)).toBeLessThan(0.002);
    expect(Math.abs(auc(fitExtraTrees) - golden.auc.et)).toBeLessThan(0.004);
  });

  it('of values explain as much as scikit-learn’s, over five seeds', () => {
    const r2 = (fit: typeof fitRandomForestRegressor) =>
      meanOver((seed) => rSquared(half(z, 1), fit(train, half(z, 0), { seed }).predict(test)));
    expect(Math.abs(r2(fitRandomForestRegressor) - golden.r2.rf)).toBeLessThan(0.005);
    expect(Math.abs(r2(fitExtraTreesRegressor) - golden.r2.et)).toBeLessThan(0.008);
  });

  it('weigh features as scikit-learn’s, and judge themselves out of bag', () => {
    const model = fitRandomForest(x, y, { seed: 0, nEstimators: 300, oobScore: true });
    golden.rfImp.forEach((share, f) => {
      expect(Math.abs(model.importances[f] - share)).toBeLessThan(0.02);
    });
    expect(Math.abs((model.oobScore ?? 0) - golden.oob)).toBeLessThan(0.015);
  });
});

describe('an isolation forest', () => {
  it('scores as scikit-learn’s, within the spread of seeds', () => {
    const mean = new Float64Array(N);
    for (const seed of SEEDS) {
      const scores = fitIsolationForest(x, { seed, nEstimators: 300 }).predictScores(x);
      scores.forEach((score, row) => {
        mean[row] += score / SEEDS.length;
      });
    }
    golden.iso.forEach((score, row) => {
      expect(Math.abs(mean[row] - score)).toBeLessThan(4 * golden.isoSpread);
    });
  });

  it('calls as many rows anomalies as it is told to', () => {
    const scores = (rows: FeatureMatrix) => fitIsolationForest(x, { seed: 1, contamination: 0.05 }).predictScores(rows);
    expect(scores(x).filter((score) => score > 0).length).toBe(30);
  });
});
