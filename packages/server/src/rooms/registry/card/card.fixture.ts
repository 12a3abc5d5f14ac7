import type { EvaluationReport } from '../../evaluation/index.js';
import type { Run } from '../../tracking/index.js';
import type { VersionRecord } from '../catalogue/catalogue-types.js';
import { aVersion } from '../registry-testing.js';
import type { CardFacts } from './card-types.js';

const interval = (estimate: number) => ({ estimate, lower: estimate - 0.05, upper: estimate + 0.05, confidence: 0.95 });
const scores = {
  accuracy: 0.81,
  balancedAccuracy: 0.8,
  precision: 0.79,
  recall: 0.77,
  f1: 0.78,
  mcc: 0.6,
  rocAuc: 0.88,
  averagePrecision: Number.NaN,
  logLoss: 0.41,
  brier: 0.13,
  ece: 0.031,
};

const report: EvaluationReport = {
  id: 'r',
  modelDigest: 'd'.repeat(64),
  splitId: 's1',
  part: 'test',
  rows: 365,
  scores,
  intervals: { accuracy: interval(0.81), brier: interval(0.13) },
  bootstrap: { resamples: 1_000, blockRows: 7, seed: 5 },
  confusion: [[1]],
  labels: ['false', 'true'],
  calibration: [],
  baselines: [
    { baseline: 'majority', scores, brierSkill: interval(0.4), accuracyGain: interval(0.2) },
    { baseline: 'persistence', scores, brierSkill: interval(0.31), accuracyGain: interval(0.1) },
  ],
  strongestBaseline: 'persistence',
  slices: [
    {
      slice: 'wind > 9 <script>',
      rows: 40,
      brier: 0.21,
      accuracy: interval(0.7),
      excessBrier: 0.08,
      pValueAdjusted: 0.01,
    },
  ],
  createdAtMs: 5,
};

/** A version that another program logged: files of a flavour and nothing that this server could read in them. */
function aRecord(change: Partial<VersionRecord> = {}): VersionRecord {
  return {
    model: 'iris',
    version: 1,
    source: 'artifacts:/0/run/artifacts/model',
    filesRoot: 'artifacts:/0/run/artifacts/model',
    runId: null,
    loggedModelId: null,
    flavours: ['python_function', 'sklearn'],
    stage: 'None',
    description: '',
    link: '',
    tags: {},
    aliases: [],
    lifecycle: 'active',
    servable: 'no',
    notServable: 'no onnx flavour',
    packaged: null,
    createdAtMs: 1_700_000_000_000,
    updatedAtMs: 1_700_000_000_000,
    createdBy: 'ann',
    ...change,
  };
}

export const nothingKnown: CardFacts = {
  record: aRecord(),
  report: null,
  run: null,
  datasets: [],
  environment: null,
  texts: {},
};

const run = {
  id: '01a1fdbcdefa75cd8963239ff039bb0d',
  params: { depth: '4' },
  metrics: { loss: 0.5, broken: Number.NaN },
  tags: { 'mlflow.source.git.commit': 'c'.repeat(40) },
  environment: {
    git: { commit: 'a'.repeat(40), branch: 'main', dirty: true, diffDigest: null },
    runtime: { node: 'v20.19.0', os: 'linux 6.1 x64', cpu: 'CPU', cores: 4 },
    lockfile: { name: 'package-lock.json', digest: '9'.repeat(64) },
    fairleadVersion: '0.1.0',
    seeds: {},
    command: null,
  },
} as unknown as Run;

export const everythingKnown: CardFacts = {
  record: aRecord({
    model: 'rain',
    version: 3,
    description: 'Rain at the port',
    flavours: [],
    stage: 'Production',
    aliases: ['champion'],
    servable: 'yes',
    notServable: null,
    packaged: aVersion({ version: 3 }),
  }),
  report,
  run,
  datasets: [
    { kind: 'dataset-version', id: '1'.repeat(64), distance: 2 },
    { kind: 'source', id: '2'.repeat(64), distance: 3 },
  ],
  environment: {
    name: 'package-lock.json',
    digest: '9'.repeat(64),
    packages: [
      {
        ecosystem: 'npm',
        name: '@scope/a',
        version: '1.0.0',
        hash: { algorithm: 'SHA-512', content: 'ab'.repeat(64) },
      },
      { ecosystem: 'pypi', name: 'scikit-learn', version: '1.5.2', hash: null },
    ],
  },
  texts: {
    'Intended use/Purpose': 'Plan <b>cranes</b>',
    'Intended use/Users': 'Dispatchers',
    'Intended use/Out of scope': 'Shipping forecasts',
    'Considerations/Limitations': 'Summer only',
    'Considerations/Risks and harms': 'A missed storm',
    'Considerations/Owner': 'Port team',
  },
};
