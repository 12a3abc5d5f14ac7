import type { ModelVersion } from './registry-types.js';

/** A model version for tests; pass what matters to the test. */
export function aVersion(change: Partial<ModelVersion> = {}): ModelVersion {
  return {
    model: 'rain',
    version: 1,
    digest: 'd'.repeat(64),
    files: [{ path: 'model.onnx', digest: change.digest ?? 'd'.repeat(64), sizeBytes: 10 }],
    signature: {
      task: 'classification',
      inputs: [{ name: 'wind', type: 'number', nullable: true }],
      target: 'rain_ahead',
      labels: ['false', 'true'],
      contextColumns: ['date'],
    },
    parity: { rows: 1000, maxAbsDifference: 1e-7, labelsEqual: true, tolerance: 1e-4, verdict: 'pass' },
    source: {
      pipelineRunId: 'p1',
      trackingRunId: 't1',
      splitId: 's1',
      datasetVersionId: 'v1',
      trainPart: 'train',
      trainer: 'logistic-regression',
      params: { C: 1 },
    },
    reportDigest: 'e'.repeat(64),
    profileDigest: 'f'.repeat(64),
    tags: {},
    createdAtMs: 5,
    createdBy: 'ann',
    ...change,
  };
}
