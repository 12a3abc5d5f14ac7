import { toRows } from '@fairlead/frame';
import { createRng, pairedBootstrap } from '@fairlead/num';
import type { EvaluationReport } from '../../evaluation/index.js';
import type { ModelVersion } from '../../registry/index.js';
import { PRODUCTION, type ReleaseDeps, TEST } from '../release-deps.js';
import type { GateSpec, ReleasePolicy } from '../release-types.js';
import { stableOf } from '../stable-version.js';
import type { GateFacts, LoadTrial } from './gate-facts.js';
import { requestRows, runLoadTrial } from './run-load-trial.js';

export interface GatherOptions {
  readonly endpoint: string;
  readonly version: ModelVersion;
  readonly policy: ReleasePolicy;
  readonly signal: AbortSignal;
  readonly progress: (ratio: number, message: string) => void;
}

// Any constant: the same rows must give the same interval.
const SEED = 20_260_101;
const RESAMPLES = 1_000;

/** Collects what the policy's gates judge on; only what some gate needs is measured. */
export async function gatherFacts(deps: ReleaseDeps, options: GatherOptions): Promise<GateFacts> {
  const { version, policy, progress } = options;
  const gate = <K extends GateSpec['kind']>(kind: K) =>
    policy.gates.find((candidate): candidate is Extract<GateSpec, { kind: K }> => candidate.kind === kind);
  progress(0.2, 'reading the evaluation');
  const report = await reportOf(deps, version);
  const { datasetVersionId } = version.source;
  const datasetVersion = datasetVersionId === null ? null : await deps.data.versionById(datasetVersionId);
  const deliveryIds = [...new Set(datasetVersion?.files.map((file) => file.deliveryId))];
  const deliveries = await Promise.all(deliveryIds.map((id) => deps.data.delivery(id)));
  progress(0.4, 'comparing with the live version');
  const live = gate('not-worse-than-live') === undefined ? null : await compareWithLive(deps, options, report);
  progress(0.6, 'load trial');
  const trial = gate('load-trial');
  const load = trial === undefined || report === null ? null : await loadTrial(deps, { ...options, trial, report });
  return { version, report, deliveries, live, load };
}

/** Null for a version that came from elsewhere: nobody has evaluated it here. */
async function reportOf(deps: ReleaseDeps, { reportDigest }: ModelVersion): Promise<EvaluationReport | null> {
  return reportDigest === null ? null : deps.evaluation.report(reportDigest);
}

async function compareWithLive(
  deps: ReleaseDeps,
  { endpoint, version }: GatherOptions,
  report: EvaluationReport | null,
): Promise<GateFacts['live']> {
  const routing = await deps.serving.routing(endpoint, PRODUCTION);
  const stable = stableOf(routing);
  if (stable === undefined) return null;
  if (report === null) return 'unmeasured';
  const live = await deps.registry.version(version.model, stable.version);
  const rows = await deps.data.readPart(report.splitId, report.part);
  const losses = async (candidate: ModelVersion) =>
    (await deps.evaluation.score(candidate.digest, candidate.signature, rows)).losses;
  const blockLength = Math.max(1, Math.round(Math.cbrt(rows.rowCount)));
  const [liveLoss, candidateLoss] = [await losses(live), await losses(version)];
  const brierGain = pairedBootstrap(liveLoss, candidateLoss, {
    rng: createRng(SEED),
    resamples: RESAMPLES,
    blockLength,
  });
  return { liveVersion: live.version, rows: rows.rowCount, brierGain };
}

async function loadTrial(
  deps: ReleaseDeps,
  {
    endpoint,
    version,
    signal,
    trial,
    report,
  }: GatherOptions & { trial: Extract<GateSpec, { kind: 'load-trial' }>; report: EvaluationReport },
): Promise<LoadTrial> {
  const table = await deps.data.readPart(report.splitId, report.part);
  const columns = version.signature.inputs.map((input) => input.name);
  return runLoadTrial(deps.serving, {
    endpoint,
    environment: TEST,
    version: version.version,
    requests: trial.requests,
    concurrency: trial.concurrency,
    rows: requestRows(table, columns, (part) => toRows(part) as Record<string, unknown>[]),
    signal,
    nowMs: deps.preciseNowMs,
    residentBytes: deps.residentBytes,
  });
}
