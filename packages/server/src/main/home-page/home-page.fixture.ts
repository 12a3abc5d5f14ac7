import { type RecordedEvent, systemActor } from '@fairlead/kernel';
import type { Alert, ColumnCheck, MonitorReport, PerformanceWindow } from '../../rooms/monitoring/index.js';
import type { PipelineRun, StepRun } from '../../rooms/pipelines/index.js';
import type { GateResult, Release } from '../../rooms/release/index.js';
import type { Batch, Stream } from '../../rooms/serving/index.js';
import type { HomePageView } from './home-page-types.js';

export const NOW_MS = Date.UTC(2026, 2, 1, 12);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** An empty home. */
export const emptyView: HomePageView = {
  atMs: NOW_MS,
  version: '1.2.3',
  empty: true,
  runs: [],
  endpoints: [],
  releases: { waiting: [], recent: [] },
  alerts: [],
  batches: [],
  datasets: [],
  models: [],
  events: [],
};

/** A page with something in every part; every name that people give is `name`. */
export function fullView(name = 'rain'): HomePageView {
  return {
    ...emptyView,
    empty: false,
    runs: [pipelineRun(name, 'running'), pipelineRun(name, 'failed')],
    endpoints: [endpointView(name)],
    releases: { waiting: [release(name, 'awaiting-approval')], recent: [release(name, 'gates-failed')] },
    alerts: [alert(name)],
    batches: [batch(name)],
    datasets: [datasetView(name)],
    models: [modelView(name)],
    events: [recordedEvent(name)],
  };
}

function stepRun(name: string, state: StepRun['state']): StepRun {
  return {
    name,
    state,
    attempt: 1,
    startedAtMs: NOW_MS - MINUTE_MS,
    endedAtMs: state === 'running' ? null : NOW_MS - MINUTE_MS / 2,
    cacheKey: null,
    whyNotCached: [],
    cachedFromRunId: null,
    outputs: {},
    summary: null,
    trackingRunId: null,
    error: state === 'failed' ? { code: 'TRN_NO_ROWS', message: `no rows: ${name}`, remedy: `widen ${name}` } : null,
    progress: state === 'running' ? { ratio: 0.4, message: `trial 2 of 5 ${name}` } : null,
  };
}

function pipelineRun(name: string, state: 'running' | 'failed'): PipelineRun {
  return {
    id: 'run1',
    pipeline: name,
    specDigest: 'd',
    state,
    params: {},
    trigger: { kind: 'automation', ref: name },
    createdBy: name,
    createdAtMs: NOW_MS - 2 * MINUTE_MS,
    endedAtMs: state === 'running' ? null : NOW_MS - MINUTE_MS,
    steps: [stepRun(name, 'cached'), stepRun(name, state), stepRun(name, 'waiting')],
  };
}

function performanceWindow(i: number): PerformanceWindow {
  const estimate = 0.74 + 0.05 * Math.sin(i);
  return {
    version: i < 8 ? 1 : 2,
    fromMs: NOW_MS - (13 - i) * 30 * DAY_MS,
    untilMs: NOW_MS - (12 - i) * 30 * DAY_MS,
    rows: 30,
    withTruth: 30,
    accuracy: i === 4 ? null : { estimate, lower: estimate - 0.15, upper: estimate + 0.12, confidence: 0.95 },
    brier: i === 4 ? null : 0.18 + 0.03 * Math.cos(i),
    expectedAccuracy: i < 8 ? 0.75 : 0.73,
    expectedBrier: 0.18,
    verdict: i === 7 ? 'fail' : 'pass',
  };
}

function columnCheck(column: string): ColumnCheck {
  return {
    column,
    rows: 60,
    missing: 0,
    unseen: 0,
    outOfRange: 2,
    drift: {
      test: 'kolmogorov-smirnov',
      statistic: 0.5,
      pValue: 0.0001,
      pValueAdjusted: 0.0006,
      effect: 1.6,
      effectName: 'standardised mean difference',
      verdict: 'drift',
      evidence: `mean 14.2 → 21.9 (+1.6 sd) ${column}`,
      effectiveRows: 31,
    },
  };
}

function monitorReport(name: string): MonitorReport {
  return {
    id: 'rep1',
    monitor: name,
    endpoint: name,
    environment: 'production',
    version: 2,
    windowRows: 60,
    fromMs: null,
    untilMs: null,
    reference: `same-season ${name}`,
    integrity: 'pass',
    driftVerdict: 'drift',
    drifted: { columns: 2, judged: 6 },
    columns: [columnCheck(name), columnCheck('wind')],
    output: null,
    performance: null,
    service: { requests: 60, errorRatio: 0, p50Ms: 1, p95Ms: 2, p99Ms: 4 },
    createdAtMs: NOW_MS - MINUTE_MS,
  };
}

function endpointView(name: string): HomePageView['endpoints'][number] {
  const entry = (version: number, weight: number) => ({ deploymentId: `d${version}`, version, weight });
  const routing = {
    endpoint: name,
    environment: 'production',
    revision: 3,
    entries: [entry(1, 0.8), entry(2, 0.2)],
    shadows: ['d3'],
    reason: `canary of ${name}`,
    setBy: name,
    setAtMs: NOW_MS - 3 * MINUTE_MS,
  };
  return {
    endpoint: { name, model: name, description: `Probability of ${name}.`, configuration: {}, createdAtMs: NOW_MS },
    unavailable: null,
    routing,
    statistics: [
      {
        deploymentId: 'd1',
        version: 1,
        requests: 12_345,
        rows: 12_345,
        errors: 0,
        rejectedInputs: 3,
        nonFiniteOutputs: 0,
        latencyMs: { p50: 0.8, p95: 1.4, p99: 3.26 },
        sinceRouting: { requests: 12_342, errors: 0, rejectedInputs: 0, nonFiniteOutputs: 0, p99Ms: 3.26 },
      },
    ],
    pending: release(name, 'rolling-out'),
    elsewhere: [{ ...routing, environment: name, entries: [entry(3, 1)], shadows: [] }],
    streams: [stream(name)],
    windowRows: 30,
    quality: Array.from({ length: 13 }, (_, i) => performanceWindow(i)),
    lastReport: monitorReport(name),
  };
}

function stream(name: string): Stream {
  return {
    spec: {
      ...{ name, endpoint: name, environment: name, broker: 'nats://127.0.0.1:4222', stream: 'DAYS', subject: null },
      ...{
        output: 'answers',
        deadLetter: 'dead',
        maxInFlight: 64,
        ackWaitMs: 30_000,
        maxDeliveries: 100,
        paused: false,
      },
    },
    status: {
      state: 'connecting',
      error: `no route to ${name}`,
      answered: 50,
      deadLettered: 1,
      duplicates: 0,
      retried: 0,
      lag: 1_200,
    },
  };
}

function batch(name: string): Batch {
  return {
    request: { endpoint: name, input: `/data/${name}.csv`, output: `/data/${name}.parquet` },
    target: { model: name, version: 2, digest: 'm', endpoint: name, environment: 'production', deploymentId: 'd2' },
    job: {
      ...{
        id: 'job1',
        kind: 'batch',
        payload: null,
        state: 'failed',
        cancelRequested: false,
        failures: 1,
        maxAttempts: 1,
        losses: 0,
      },
      progress: { ratio: 0.4, message: `400 of 1000 rows of ${name}` },
      error: { code: 'SRV_BATCH_INPUT', message: `no column ${name}`, remedy: `add ${name}`, fault: 'user' },
      createdAtMs: NOW_MS - MINUTE_MS,
      runAtMs: NOW_MS - MINUTE_MS,
    },
  };
}

function gate(name: string, verdict: GateResult['verdict']): GateResult {
  return { kind: 'beats-baseline', title: `Beats ${name}`, verdict, observed: '0.10', required: '> 0', evidence: {} };
}

export function release(name: string, state: Release['state']): Release {
  return {
    id: 'rel1',
    revision: 4,
    endpoint: name,
    model: name,
    version: 2,
    environment: 'production',
    configurationDigest: null,
    modelDigest: 'm',
    policyDigest: 'p',
    gateReportDigest: null,
    gates: [gate(name, 'pass'), gate(name, 'fail'), gate(name, 'insufficient')],
    state,
    waitingFor: state === 'awaiting-approval' ? `1 signature: ${name}` : null,
    endedBecause: null,
    signatures: [{ person: name, role: 'qa', meaning: 'approved', comment: '', atMs: NOW_MS, over: 'x' }],
    testDeploymentId: null,
    productionDeploymentId: null,
    rollout: null,
    requestedBy: name,
    reason: `because of ${name}`,
    releasedAtMs: null,
    createdAtMs: NOW_MS - 5 * MINUTE_MS,
    updatedAtMs: NOW_MS - MINUTE_MS,
  };
}

function alert(name: string): Alert {
  return {
    id: 'al1',
    monitor: name,
    endpoint: name,
    kind: 'drift',
    severity: 'critical',
    state: 'open',
    title: `2 of 6 columns of ${name} drifted`,
    evidence: `${name}: mean 14.2 → 21.9 (+1.6 sd)`,
    reportId: 'rep1',
    openedAtMs: NOW_MS - 4 * MINUTE_MS,
    updatedAtMs: NOW_MS,
    resolvedAtMs: null,
    acknowledgedBy: name,
  };
}

function datasetView(name: string): HomePageView['datasets'][number] {
  const columns = [{ name, type: 'number' as const }];
  return {
    dataset: {
      name,
      spec: { source: { path: 'weather.csv' } },
      contractDigest: 'c',
      inferredColumns: null,
      latestVersionId: 'v',
      createdAtMs: NOW_MS,
      updatedAtMs: NOW_MS,
    },
    version: {
      id: 'v',
      dataset: name,
      number: 2,
      rows: 1461,
      files: [],
      columns,
      contractDigest: 'c',
      label: null,
      time: null,
      entity: [],
      parentId: null,
      createdAtMs: NOW_MS,
    },
    deliveries: [
      {
        id: 'del1',
        dataset: name,
        outcome: 'refused',
        source: name,
        sourceDigest: 's',
        receivedRows: 1096,
        acceptedRows: 1049,
        rejectedRows: 47,
        faultyRows: 47,
        skippedRows: 0,
        ignoredColumns: [],
        sourceFiles: [],
        reasons: {},
        checks: [],
        quarantineDigest: null,
        versionId: null,
        receivedAtMs: NOW_MS - 7 * MINUTE_MS,
      },
    ],
  };
}

function modelView(name: string): HomePageView['models'][number] {
  return {
    model: { name, description: '', createdAtMs: NOW_MS, createdBy: name, latestVersion: 2, aliases: { [name]: 2 } },
    versions: [
      {
        model: name,
        version: 2,
        digest: 'm',
        files: [],
        signature: { task: 'classification', inputs: [], target: 't', labels: [], contextColumns: [] },
        parity: { rows: 10, maxAbsDifference: 0, labelsEqual: true, tolerance: 1e-6, verdict: 'pass' },
        source: {
          pipelineRunId: null,
          trackingRunId: null,
          splitId: 's',
          datasetVersionId: 'v',
          trainPart: 'train',
          trainer: 'random-forest',
          params: {},
        },
        reportDigest: 'r',
        profileDigest: 'p',
        tags: {},
        createdAtMs: NOW_MS - 2 * DAY_MS,
        createdBy: name,
      },
    ],
  };
}

function recordedEvent(name: string): RecordedEvent {
  return {
    type: 'registry.version-registered',
    subject: { kind: 'model-version', id: name },
    payload: { model: name, version: 2 },
    seq: 214,
    id: 'e',
    atMs: NOW_MS - MINUTE_MS,
    actor: { ...systemActor, id: name },
    requestId: null,
    outcome: 'ok',
    hash: 'h',
    previousHash: 'g',
  };
}
