import { type RecordedEvent, systemActor } from '@fairlead/kernel';
import type { ColumnCheck, MonitorReport, PerformanceWindow } from '../../monitoring/index.js';
import type { GateResult, Release } from '../../release/index.js';
import type { RoutingTable } from '../../serving/index.js';
import { DAY_MS, hash, interval, T0 } from './fixture-parts.fixture.js';
import type { ReportFacts } from './report-facts.js';

type OperationFacts = Pick<
  ReportFacts,
  'releases' | 'policies' | 'deployments' | 'routing' | 'monitors' | 'alerts' | 'performance' | 'audit'
>;

function aCheck(column: string, effect: number, verdict: ColumnCheck['drift']['verdict']): ColumnCheck {
  const pValue = verdict === 'drift' ? 1e-9 : 0.41;
  return {
    column,
    rows: 120,
    missing: 2,
    unseen: 0,
    outOfRange: 1,
    drift: {
      test: 'Kolmogorov–Smirnov',
      statistic: effect,
      pValue,
      pValueAdjusted: pValue,
      effect,
      effectName: 'distance',
      verdict,
      evidence: 'mean 14.2 → 21.9',
      effectiveRows: 80,
    },
  };
}

function aWindow(index: number, version: number, accuracy: number): PerformanceWindow {
  const fromMs = Date.UTC(2015, 0, 1) + index * 30 * DAY_MS;
  return {
    version,
    fromMs,
    untilMs: fromMs + 30 * DAY_MS,
    rows: 30,
    withTruth: 30,
    accuracy: interval(accuracy, 0.15),
    brier: 0.19,
    expectedAccuracy: 0.73,
    expectedBrier: 0.183,
    verdict: accuracy < 0.65 ? 'fail' : 'pass',
  };
}

const gate = (title: string, verdict: GateResult['verdict']): GateResult => {
  return { kind: 'calibration', title, verdict, observed: '0.04 on 364 rows', required: 'at most 0.1', evidence: {} };
};

function routing(revision: number, entries: readonly (readonly [number, number])[], hours: number): RoutingTable {
  return {
    endpoint: 'rain',
    environment: 'production',
    revision,
    entries: entries.map(([version, weight]) => ({ deploymentId: `dep-${version}`, version, weight })),
    shadows: [],
    reason: 'release: canary',
    setBy: 'fairlead',
    setAtMs: T0 + hours * 3_600_000,
  };
}

const monitorReport: MonitorReport = {
  id: 'report-1',
  monitor: 'rain-monitor',
  endpoint: 'rain',
  environment: 'production',
  version: 2,
  windowRows: 120,
  fromMs: T0,
  untilMs: T0 + DAY_MS,
  reference: 'training rows of the same season',
  integrity: 'pass',
  driftVerdict: 'drift',
  drifted: { columns: 2, judged: 4 },
  columns: [
    aCheck('temp_max', 0.48, 'drift'),
    aCheck('wind', 0.07, 'no-drift'),
    aCheck('precipitation', 0.21, 'drift'),
  ],
  output: aCheck('rain (output)', 0.1, 'insufficient'),
  performance: aWindow(3, 2, 0.62),
  service: { requests: 364, errorRatio: 0, p50Ms: 1.2, p95Ms: 3.4, p99Ms: 6.1 },
  createdAtMs: T0 + DAY_MS,
};

const release: Release = {
  id: 'release-2',
  revision: 5,
  endpoint: 'rain',
  model: 'rain',
  version: 2,
  environment: 'production',
  configurationDigest: null,
  modelDigest: hash('d'),
  policyDigest: hash('1'),
  gateReportDigest: hash('2'),
  gates: [
    gate('Data contract', 'pass'),
    gate('Skill over the strongest baseline', 'pass'),
    gate('Slices', 'insufficient'),
  ],
  state: 'released',
  waitingFor: null,
  endedBecause: null,
  signatures: [
    { person: 'quinn', role: 'qa', meaning: 'approved', comment: 'slices read', atMs: T0 + 3_600_000, over: hash('3') },
    { person: 'olga', role: 'product-owner', meaning: 'approved', comment: '', atMs: T0 + 3_700_000, over: hash('3') },
  ],
  testDeploymentId: 'dep-t',
  productionDeploymentId: 'dep-2',
  rollout: {
    step: 1,
    weight: 1,
    sinceMs: T0 + 4_000_000,
    guardrails: [gate('Error ratio', 'pass')],
    spec: { kind: 'shadow' },
    note: '',
  },
  requestedBy: 'ann',
  reason: 'trained on both cities',
  releasedAtMs: T0 + 8_000_000,
  createdAtMs: T0,
  updatedAtMs: T0 + 8_000_000,
};

const event: RecordedEvent = {
  seq: 1_234,
  id: 'e1',
  atMs: T0 + 8_000_000,
  type: 'release.released',
  subject: { kind: 'release', id: 'release-2' },
  actor: systemActor,
  requestId: null,
  payload: {},
  outcome: 'ok',
  hash: hash('9'),
  previousHash: hash('8'),
};

/** What became of a version. `name` stands wherever a person or a file may put a text. */
export function operationFacts(name: string): OperationFacts {
  return {
    releases: [{ ...release, reason: name, signatures: release.signatures.map((s) => ({ ...s, comment: name })) }],
    policies: [
      {
        endpoint: 'rain',
        gates: [],
        approval: { required: [{ role: 'qa', count: 1 }], excludeAuthor: true, expiresAfterHours: 168 },
        rollout: { kind: 'all-at-once' },
        digest: hash('1'),
      },
    ],
    deployments: [
      {
        id: 'dep-2',
        endpoint: 'rain',
        environment: 'production',
        model: 'rain',
        version: 2,
        digest: hash('d'),
        configuration: {},
        configurationDigest: hash('c'),
        state: 'ready',
        error: name,
        createdAtMs: T0,
        createdBy: 'fairlead',
      },
    ],
    routing: [
      [
        routing(1, [[1, 1]], 0),
        routing(
          2,
          [
            [1, 0.8],
            [2, 0.2],
          ],
          1,
        ),
        routing(
          3,
          [
            [1, 0.5],
            [2, 0.5],
          ],
          2,
        ),
        routing(4, [[2, 1]], 3),
      ],
    ],
    monitors: [
      {
        monitor: {
          name: 'rain-monitor',
          updatedAtMs: T0,
          spec: {
            endpoint: 'rain',
            windowRows: 120,
            minRows: 30,
            reference: 'same-season',
            everyRows: 30,
            drift: { alpha: 0.01, minEffect: 0.15 },
          },
        },
        reports: [monitorReport, { ...monitorReport, id: 'report-0', driftVerdict: 'no-drift', performance: null }],
      },
    ],
    alerts: [
      {
        id: 'a1',
        monitor: 'rain-monitor',
        endpoint: 'rain',
        kind: 'drift',
        severity: 'warning',
        state: 'open',
        title: name,
        evidence: name,
        reportId: 'report-1',
        openedAtMs: T0 + DAY_MS,
        updatedAtMs: T0 + DAY_MS,
        resolvedAtMs: null,
        acknowledgedBy: null,
      },
    ],
    performance: [
      {
        endpoint: 'rain',
        windows: [0.74, 0.77, 0.7, 0.73, 0.6, 0.62, 0.71, 0.75].map((accuracy, i) =>
          aWindow(i, i < 5 ? 1 : 2, accuracy),
        ),
      },
    ],
    audit: {
      events: [event, { ...event, seq: 1_200, outcome: 'denied', type: 'release.signature-refused' }],
      total: 57,
    },
  };
}
