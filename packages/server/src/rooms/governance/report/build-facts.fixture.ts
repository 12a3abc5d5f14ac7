import type { Delivery } from '../../data/index.js';
import type { ClassScores } from '../../evaluation/index.js';
import type { Run } from '../../tracking/index.js';
import { DAY_MS, hash, interval, T0 } from './fixture-parts.fixture.js';
import type { ReportFacts } from './report-facts.js';

type BuildFacts = Pick<
  ReportFacts,
  | 'version'
  | 'model'
  | 'card'
  | 'dataset'
  | 'datasetVersion'
  | 'split'
  | 'deliveries'
  | 'otherDeliveries'
  | 'profile'
  | 'run'
  | 'trials'
  | 'evaluation'
  | 'lineage'
>;

const scores: ClassScores = {
  accuracy: 0.7308,
  balancedAccuracy: 0.7012,
  precision: 0.69,
  recall: 0.66,
  f1: 0.675,
  mcc: 0.41,
  rocAuc: 0.79,
  averagePrecision: 0.74,
  logLoss: 0.55,
  brier: 0.183,
  ece: 0.04,
};

function aDelivery(change: Partial<Delivery>): Delivery {
  return {
    id: 'd1',
    dataset: 'weather',
    outcome: 'accepted',
    source: 'seattle-weather.csv',
    sourceDigest: hash('a'),
    receivedRows: 1_461,
    acceptedRows: 1_461,
    rejectedRows: 0,
    faultyRows: 0,
    skippedRows: 0,
    ignoredColumns: [],
    sourceFiles: [],
    reasons: {},
    checks: [],
    quarantineDigest: null,
    versionId: hash('b'),
    receivedAtMs: T0,
    ...change,
  };
}

function aTrial(id: string, trainer: string, score: number): Run {
  return {
    id,
    experimentId: 'e',
    name: `trial ${id}`,
    status: 'finished',
    lifecycle: 'active',
    parentRunId: 'run-1',
    startedAtMs: T0,
    endedAtMs: T0 + 5_000,
    createdBy: 'ann',
    userName: '',
    environment: null,
    artifactRoot: `artifacts:/e/${id}/artifacts`,
    group: null,
    note: '',
    params: { trainer, C: '1' },
    tags: {},
    metrics: { mean_brier: score },
    latest: [{ key: 'mean_brier', value: score, step: 0, timestampMs: T0 }],
  };
}

/** Where a version came from. `name` stands wherever a person or a file may put a text. */
export function buildFacts(name: string): BuildFacts {
  const root = { kind: 'model-version', id: 'rain/2' };
  const datasetVersionId = hash('b');
  return {
    version: {
      model: name === 'rain_ahead' ? 'rain' : name,
      version: 2,
      digest: hash('d'),
      files: [{ path: 'model.onnx', digest: hash('d'), sizeBytes: 4_096 }],
      signature: {
        task: 'classification',
        inputs: [{ name, type: 'number', nullable: true }],
        target: name,
        labels: ['false', name],
        contextColumns: ['date'],
      },
      parity: { rows: 1_000, maxAbsDifference: 1e-7, labelsEqual: true, tolerance: 1e-4, verdict: 'pass' },
      source: {
        pipelineRunId: 'p1',
        trackingRunId: 'run-1',
        splitId: 's1',
        datasetVersionId,
        trainPart: 'train',
        trainer: 'logistic-regression',
        params: { C: 1, solver: name },
      },
      reportDigest: hash('e'),
      profileDigest: hash('f'),
      tags: {},
      createdAtMs: T0,
      createdBy: 'ann',
    },
    model: {
      name: 'rain',
      description: '',
      createdAtMs: T0,
      createdBy: 'ann',
      latestVersion: 2,
      aliases: { champion: 2 },
    },
    card: {
      model: 'rain',
      version: 2,
      completenessRatio: 0.5,
      markdown: '',
      fields: [
        { section: 'Intended use', name: 'Purpose', value: name, source: 'human' },
        { section: 'Intended use', name: 'Owner', value: null, source: 'missing' },
      ],
    },
    dataset: {
      name: 'weather',
      spec: {
        description: name,
        source: {
          path: 'x.csv',
          columns: { wind: { type: 'number', min: 0, max: 60, required: true, description: name } },
        },
      },
      contractDigest: hash('c'),
      inferredColumns: null,
      latestVersionId: datasetVersionId,
      createdAtMs: T0,
      updatedAtMs: T0,
    },
    datasetVersion: {
      id: datasetVersionId,
      dataset: 'weather',
      number: 2,
      rows: 1_461,
      files: [{ digest: hash('a'), rows: 1_461, sizeBytes: 9_000, deliveryId: 'd1' }],
      columns: [],
      contractDigest: hash('c'),
      label: { name, of: 'rain', horizonMs: DAY_MS },
      time: 'date',
      entity: [],
      parentId: null,
      createdAtMs: T0,
    },
    split: {
      id: 's1',
      versionId: datasetVersionId,
      spec: { by: 'time', parts: {} },
      parts: [{ name: 'train', rows: 1_000, rowIdDigest: hash('4'), fileDigest: hash('5') }],
      unusedRows: 1,
      unused: { noLabel: 1, outside: 0, labelOverlap: 0 },
      createdAtMs: T0,
    },
    deliveries: [aDelivery({ source: name })],
    otherDeliveries: [
      aDelivery({
        id: 'd2',
        outcome: 'refused',
        source: 'damaged.csv',
        rejectedRows: 300,
        acceptedRows: 0,
        reasons: { OUT_OF_RANGE: 120, MISSING: 80, [name]: 3 },
        checks: [{ name: 'unique-days', verdict: 'fail', failedRows: 20, observed: '20 duplicates', expected: 'none' }],
      }),
    ],
    profile: {
      rowCount: 1_000,
      columns: [
        {
          kind: 'numeric',
          name: 'wind',
          count: 1_000,
          missing: 3,
          nan: 0,
          negativeInfinity: 0,
          positiveInfinity: 0,
          min: 0.4,
          max: 9.5,
          mean: 3.24,
          m2: 2_000,
          edges: [1],
          counts: [500, 497],
        },
        {
          kind: 'category',
          name,
          count: 1_000,
          missing: 0,
          other: 0,
          categories: [
            ['sun', 600],
            [name, 400],
          ],
        },
      ],
    },
    run: {
      ...aTrial('run-1', 'search', 0.18),
      name: 'train',
      parentRunId: null,
      environment: {
        git: { commit: '0123456789abcdef0123456789abcdef01234567', branch: name, dirty: true, diffDigest: hash('6') },
        runtime: { node: '20.19.0', os: 'linux', cpu: 'cpu', cores: 2 },
        lockfile: { name: 'package-lock.json', digest: hash('7') },
        fairleadVersion: '0.1.0',
        seeds: { split: 1, train: 7 },
        command: ['node', name],
      },
    },
    trials: [
      aTrial('t1', 'random-forest', 0.185),
      aTrial('t2', 'logistic-regression', 0.181),
      aTrial('t3', name, Number.NaN),
    ],
    evaluation: {
      id: 'ev1',
      modelDigest: hash('d'),
      splitId: 's1',
      part: 'test',
      rows: 364,
      scores,
      intervals: { brier: interval(0.183, 0.02) },
      confusion: [
        [180, 40],
        [58, 86],
      ],
      labels: ['false', name],
      calibration: [0.1, 0.3, 0.5, 0.7, 0.9].map((predicted, i) => ({
        predicted,
        observed: predicted ** 1.1,
        rows: 120 - i * 15,
      })),
      baselines: ['persistence', 'majority'].map((baseline, i) => ({
        baseline,
        scores: { ...scores, brier: 0.205 + i / 50 },
        brierSkill: interval(0.11, 0.06),
        accuracyGain: interval(0.03, 0.04),
      })),
      strongestBaseline: 'persistence',
      slices: [
        {
          slice: `month = ${name}`,
          rows: 40,
          brier: 0.24,
          accuracy: interval(0.6, 0.1),
          excessBrier: 0.057,
          pValueAdjusted: 0.2,
        },
      ],
      bootstrap: { resamples: 1_000, blockRows: 7, seed: 5 },
      createdAtMs: T0,
    },
    lineage: {
      root,
      truncated: false,
      cutOff: [],
      nodes: [
        { ...root, distance: 0 },
        { kind: 'source', id: hash('a'), distance: 1 },
        { kind: 'dataset-version', id: datasetVersionId, distance: 1 },
        { kind: 'split', id: 's1', distance: 1 },
        { kind: 'run', id: 'run-1', distance: 1 },
        { kind: 'release', id: name, distance: 1 },
      ],
      edges: [
        {
          from: { kind: 'source', id: hash('a') },
          to: { kind: 'dataset-version', id: datasetVersionId },
          relation: 'ingested-from',
        },
        {
          from: { kind: 'dataset-version', id: datasetVersionId },
          to: { kind: 'split', id: 's1' },
          relation: 'split-of',
        },
        { from: { kind: 'split', id: 's1' }, to: { kind: 'run', id: 'run-1' }, relation: 'used-by' },
        { from: { kind: 'split', id: 's1' }, to: root, relation: 'trained-on' },
        { from: { kind: 'run', id: 'run-1' }, to: root, relation: 'produced-by' },
        { from: root, to: { kind: 'release', id: name }, relation: 'released-by' },
      ],
    },
  };
}
