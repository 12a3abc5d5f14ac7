import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect } from 'vitest';
import { floorToFloat32 } from '../linalg/float32.js';
import { type FeatureMatrix, matrixFromColumns } from '../linalg/matrix.js';
import { OnnxGraph } from '../onnx/onnx-graph.js';
import type { FittedModel } from './trainer-types.js';

/** What a fitted model says of every row, row-major. */
export function answersOf(model: FittedModel, x: FeatureMatrix): Float64Array {
  switch (model.task) {
    case 'classification':
      return model.predictProbabilities(x);
    case 'regression':
      return model.predict(x);
    case 'clustering':
      return model.predictDistances(x);
    case 'anomaly':
      return model.predictScores(x);
  }
}

/** The exported graph alone, without preprocessing. */
async function runtimeAnswers(model: FittedModel, x: FeatureMatrix): Promise<Float32Array> {
  const graph = new OnnxGraph().input('features', 'float', ['N', x.featureCount]);
  const width = answersOf(model, matrixFromColumns(Array.from({ length: x.featureCount }, () => [0]))).length;
  graph.node({ op: 'Identity', inputs: [model.writeOnnx(graph, 'features')], output: 'answer' });
  const session = await InferenceSession.create(graph.output('answer', 'float', ['N', width]).finish('test', {}));
  const { rowCount, featureCount } = x;
  const rows = new Float32Array(rowCount * featureCount);
  for (let f = 0; f < featureCount; f++) {
    for (let i = 0; i < rowCount; i++) rows[i * featureCount + f] = x.values[f * rowCount + i];
  }
  const { answer } = await session.run({ features: new Tensor('float32', rows, [rowCount, featureCount]) });
  expect(answer.dims).toEqual([rowCount, width]);
  return answer.data as Float32Array;
}

/**
 * Rows to compare on, at least 1,000: the given ones, far away ones, ones exactly on and just above thresholds and, when
 * the model takes them, ones with holes.
 */
export function edgeRows(model: FittedModel, x: FeatureMatrix, withHoles: boolean): FeatureMatrix {
  const rowOf = (i: number) => Array.from({ length: x.featureCount }, (_, f) => x.values[f * x.rowCount + i]);
  const rows: number[][] = Array.from({ length: x.rowCount }, (_, i) => rowOf(i));
  const add = (f: number, value: number) => {
    const row = rowOf((rows.length * 7) % x.rowCount);
    row[f] = value;
    rows.push(row);
  };
  model.thresholds?.().forEach((edges, f) => {
    for (let i = 0; i < Math.min(edges.length, 200); i++) {
      add(f, edges[i]);
      add(f, -floorToFloat32(-(edges[i] + Math.abs(edges[i]) * 2 ** -23 + 1e-30)));
    }
  });
  for (let i = 0; rows.length < 1000 || i < 20; i++) {
    if (withHoles && i % 2 === 0) add(i % x.featureCount, Number.NaN);
    else add(i % x.featureCount, (i % 40) - 20);
  }
  if (withHoles) rows.push(rows[0].map(() => Number.NaN));
  return matrixFromColumns(Array.from({ length: x.featureCount }, (_, f) => rows.map((row) => row[f])));
}

/** The greatest difference, relative to 1 + |answer|, between model and runtime is below `tolerance`. */
export async function expectParity(model: FittedModel, x: FeatureMatrix, tolerance: number): Promise<void> {
  const own = answersOf(model, x);
  const theirs = await runtimeAnswers(model, x);
  expect(theirs.length).toBe(own.length);
  let worst = 0;
  for (let i = 0; i < own.length; i++) {
    const difference = Math.abs(own[i] - theirs[i]) / (1 + Math.abs(own[i]));
    worst = Math.max(worst, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  expect(worst).toBeLessThan(tolerance);
}
