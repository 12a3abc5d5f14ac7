// Golden numbers: metrics.golden.json, whose head names the versions (scikit-learn, SciPy, sacrebleu, rouge-score). Inputs are
// drawn by the same generator here and there.
import { describe, expect, it } from 'vitest';
import {
  averagePrecision,
  averagePrecisionMulticlass,
  binaryLogLossRows,
  brierScore,
  clusteringAgreement,
  clusteringShape,
  cohenKappa,
  confusionMatrix,
  corpusBleu,
  createRng,
  matrixFromColumns,
  maxError,
  mean,
  pinballLoss,
  precisionRecall,
  precisionRecallCurve,
  precisionRecallPerClass,
  rankRows,
  rocAuc,
  rocAucMulticlass,
  rocCurve,
  rouge,
  scoreClassification,
  scoreRankedLists,
  scoreRegression,
  sentenceBleu,
  summariseResiduals,
} from '../index.js';
import golden from './metrics.golden.json' with { type: 'json' };
import { tokenize13a } from './text-tokens.js';

function lcg(n: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: n }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 2147483648;
  });
}

const N = 300;
const K = 4;
const u = lcg(N, 5);
const v = lcg(N, 9);
const w = lcg(N, 11);

function expectAll(observed: Readonly<Record<string, number>>, expected: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(expected)) {
    if (!(Math.abs(observed[name] - value) <= 1e-9 * Math.max(1, Math.abs(value)))) {
      expect.fail(`${name} is ${observed[name]}, but the reference says ${value}`);
    }
  }
}

describe('classification of four classes, with ties', () => {
  const raw = lcg(N * K, 3).map((x) => x ** 3 + 0.01);
  const rowSum = (values: Float64Array, i: number) => values.slice(i * K, i * K + K).reduce((a, b) => a + b, 0);
  const p = raw.map((x, at) => x / rowSum(raw, Math.floor(at / K)));
  const truth = Int32Array.from({ length: N }, (_, i) => {
    let k = 0;
    for (let sum = p[i * K]; k < K - 1 && sum < v[i]; sum += p[i * K + k]) k++;
    return k;
  });
  const rounded = p.map((x) => Math.round(x * 16) + 1);
  const probabilities = rounded.map((x, at) => x / rowSum(rounded, Math.floor(at / K)));
  const input = { truth, probabilities, classCount: K };
  const { multi } = golden;

  it('scores as scikit-learn does, with and without weights', () => {
    expectAll(scoreClassification(input), multi.plain);
    expectAll(scoreClassification({ ...input, weights: w }), multi.weighted);
    expect(rocAucMulticlass(input, { multiClass: 'ovo', average: 'weighted' })).toBeCloseTo(multi.ovoWeighted, 10);
    expect(averagePrecisionMulticlass(input, 'macro')).toBeCloseTo(multi.plain.averagePrecisionMacro, 10);
  });

  it('gives kappa and F-beta per class', () => {
    const predicted = Int32Array.from({ length: N }, (_, i) => {
      const row = [...probabilities.subarray(i * K, i * K + K)];
      return row.indexOf(Math.max(...row));
    });
    const matrix = confusionMatrix(truth, predicted, { classCount: K });
    expect(cohenKappa(matrix, 'linear')).toBeCloseTo(multi.kappaLinear, 10);
    expect(cohenKappa(matrix, 'quadratic')).toBeCloseTo(multi.kappaQuadratic, 10);
    precisionRecallPerClass(matrix, { beta: 0.5 }).forEach(({ fBeta }, k) => {
      expect(fBeta).toBeCloseTo(multi.fHalfPerClass[k], 10);
    });
  });

  it('leaves a class out of means where 0/0 is NaN, and says NaN where nothing is defined', () => {
    const two = confusionMatrix(Int32Array.of(0, 0, 1), Int32Array.of(0, 0, 1), { classCount: 3 });
    expect(precisionRecall(two, { average: 'macro', zeroDivision: Number.NaN }).fBeta).toBe(multi.zeroNan);
    const one = confusionMatrix(Int32Array.of(1, 1), Int32Array.of(1, 1), { classCount: 2 });
    expect(cohenKappa(one)).toBeNaN();
    const alone = scoreClassification({
      truth: Int32Array.of(1, 1),
      probabilities: Float64Array.of(0.2, 0.8, 0.4, 0.6),
      classCount: 2,
    });
    expect(alone).toMatchObject({ accuracy: 1, rocAuc: Number.NaN, recall: 1, mcc: 0 });
  });

  it('leaves a class that never occurs out of the mean area', () => {
    const absent = { truth: Int32Array.of(0, 0, 1, 1), classCount: 3 };
    const rows = Float64Array.of(0.7, 0.2, 0.1, 0.4, 0.5, 0.1, 0.1, 0.8, 0.1, 0.5, 0.4, 0.1);
    const area = rocAucMulticlass({ ...absent, probabilities: rows }, { multiClass: 'ovr', average: 'macro' });
    expect(area).toBeCloseTo(0.75, 12);
  });
});

describe('a binary forecast with ties', () => {
  const p = u.map((x) => Math.round(x * 50) / 50);
  const truth = Int32Array.from(p, (x, i) => Number(v[i] < x));
  const { binary } = golden;

  it('scores as scikit-learn does, with and without weights', () => {
    for (const [expected, weights] of [[binary.plain, undefined] as const, [binary.weighted, w] as const]) {
      const observed = {
        rocAuc: rocAuc(truth, p, weights),
        averagePrecision: averagePrecision(truth, p, weights),
        logLoss: mean(binaryLogLossRows(truth, p), weights),
        brier: brierScore(truth, p, weights),
      };
      expectAll(observed, expected);
    }
  });

  it('draws its curves', () => {
    const ranked = rankRows(truth, p);
    const roc = rocCurve(ranked, p, { maxPoints: 1000 });
    const close = (observed: Float64Array, expected: readonly (number | null)[]) => {
      expect(observed.length).toBe(expected.length);
      expected.forEach((value, i) => {
        expect(observed[i]).toBeCloseTo(value ?? Number.POSITIVE_INFINITY, 10);
      });
    };
    close(roc.falsePositiveRate, binary.roc[0]);
    close(roc.truePositiveRate, binary.roc[1]);
    close(roc.thresholds, binary.roc[2]);
    const curve = precisionRecallCurve(ranked, p, { maxPoints: 1000 });
    close(curve.precision, binary.pr[0]);
    close(curve.recall, binary.pr[1]);
    close(curve.thresholds, binary.pr[2]);
    const few = rocCurve(ranked, p, { maxPoints: 9 });
    expect(few.thresholds.length).toBeLessThanOrEqual(9);
    expect([few.falsePositiveRate[0], few.truePositiveRate.at(-1)]).toEqual([0, 1]);
  });
});

describe('regression', () => {
  const truth = u.map((x) => x * 10 + 1);
  const { plain, weighted, residuals, yp } = golden.regression;
  const predicted = Float64Array.from(yp);

  it('scores as scikit-learn does, with and without weights', () => {
    expectAll(scoreRegression({ truth, predicted }, { quantile: 0.9 }), plain);
    expectAll(scoreRegression({ truth, predicted, weights: w }, { quantile: 0.9 }), weighted);
    expect(pinballLoss({ truth, predicted }, 0.9)).toBeCloseTo(plain.pinball, 10);
    expect(maxError(truth, predicted)).toBeCloseTo(plain.maxError, 10);
  });

  it('summarises its errors', () => {
    const { quantiles, ...rest } = summariseResiduals({ truth, predicted });
    const { quantiles: expected, ...moments } = residuals;
    expectAll(rest as unknown as Record<string, number>, moments);
    expect(Object.keys(quantiles)).toEqual(['0.05', '0.25', '0.5', '0.75', '0.95']);
    Object.values(quantiles).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 10);
    });
  });

  it('has no number for what is not defined', () => {
    const scores = scoreRegression({ truth: Float64Array.of(-2, 3), predicted: Float64Array.of(1, -1) });
    expect(Object.keys(scores)).not.toContain('poissonDeviance');
    expect(Object.values(scores).some(Number.isNaN)).toBe(false);
  });
});

describe('clusters', () => {
  const found = Int32Array.from(u, (x, i) => Math.floor(x * 3 + v[i] * 1.5) % 3);
  const truth = Int32Array.from(u, (x) => Math.floor(x * 4));
  const { clustering } = golden;

  it('agree with a grouping as scikit-learn says', () => {
    expectAll(clusteringAgreement(truth, found), clustering.agreement);
    const trivial = (a: number[], b: number[]) => clusteringAgreement(Int32Array.from(a), Int32Array.from(b));
    const alone = trivial([0, 0, 0], [0, 1, 2]);
    const observed = [trivial([0, 0, 0], [1, 1, 1]).adjustedRand, alone.adjustedRand, alone.randIndex];
    expect([...observed, alone.normalizedMutualInformation]).toEqual(clustering.trivial);
  });

  it('have its silhouette and indices, and say when the silhouette is an estimate', () => {
    const x = matrixFromColumns([u.map((a) => a * 3), v.map((a) => a * 2), w]);
    const shape = clusteringShape(x, found, { rng: createRng(0) });
    expect(shape.silhouette).toBeCloseTo(clustering.silhouette, 10);
    expect(shape.daviesBouldin / clustering.daviesBouldin).toBeCloseTo(1, 10);
    expect(shape.calinskiHarabasz / clustering.calinskiHarabasz).toBeCloseTo(1, 10);
    const sampled = clusteringShape(x, found, { rng: createRng(0), maxSilhouetteRows: 200 });
    expect(sampled.silhouetteRows).toBe(200);
    expect(Math.abs(sampled.silhouette - shape.silhouette)).toBeLessThan(0.05);
    expect(() => clusteringShape(x, new Int32Array(N), { rng: createRng(0) })).toThrow(/2 to 299 clusters/);
  });
});

describe('ranked lists and texts', () => {
  it('score as scikit-learn’s NDCG', () => {
    const groups = Int32Array.from({ length: N }, (_, i) => Math.floor(i / 15));
    const relevance = u.map((x) => Math.floor(x * 4));
    const scores = v.map((x) => Math.round(x * 8) / 8);
    expect(scoreRankedLists({ groups, relevance, scores }).ndcg).toBeCloseTo(golden.ranking.ndcg, 10);
    expect(scoreRankedLists({ groups, relevance, scores }, 5).ndcg).toBeCloseTo(golden.ranking.ndcg5, 10);
  });

  it('score as sacrebleu and rouge-score', () => {
    const { hyp, ref, tokens, rouge: rouges, ...text } = golden.text;
    hyp.forEach((line, i) => {
      expect(tokenize13a(line)).toEqual(tokens[i]);
    });
    const references = ref.map((line) => [line]);
    expect(corpusBleu(hyp, references)).toBeCloseTo(text.corpusBleu, 8);
    expect(corpusBleu(hyp, references, { smoothing: 'none' })).toBeCloseTo(text.corpusNone, 8);
    hyp.forEach((line, i) => {
      expect(sentenceBleu(line, references[i])).toBeCloseTo(text.sentenceBleu[i], 8);
      expect(sentenceBleu(line, references[i], { smoothing: 'add-1' })).toBeCloseTo(text.sentenceAdd1[i], 8);
      const { rouge1, rouge2, rougeL } = rouge(line, ref[i]);
      [rouge1, rouge2, rougeL].forEach(({ precision, recall, f1 }, r) => {
        expect([precision, recall, f1].map((x) => x.toFixed(10))).toEqual(rouges[i][r].map((x) => x.toFixed(10)));
      });
    });
  });
});
