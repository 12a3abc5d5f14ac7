import { createHash } from 'node:crypto';
import { selectColumns, type Table } from '@fairlead/frame';
import { type Clock, canonicalJson } from '@fairlead/kernel';
import { probabilityOf } from '@fairlead/num';
import { runInThread } from '../../platform/compute/index.js';
import type { ChangeContext, Db } from '../../platform/db/index.js';
import type { Lake } from '../../platform/lake/index.js';
import { isDigest, type ObjectStore } from '../../platform/objects/index.js';
import type { DataService } from '../data/index.js';
import type { TrackingService } from '../tracking/index.js';
import type { ModelScorer, ModelSignature } from '../training/index.js';
import { majorityForecast, nameBaselines, persistenceForecast } from './baseline-rules.js';
import { evaluationErrors } from './evaluation-errors.js';
import { reportCreated } from './evaluation-events.js';
import type { EvaluateRequest, EvaluationReport, EvaluationService, ScoredRows } from './evaluation-types.js';
import { forecastByRule } from './forecast-by-rule.js';
import type { JudgeInput, Judgement } from './judge-messages.js';
import { bothClasses, brierLosses, type Forecast } from './score-classes.js';
import { decodeReport, encodeReport } from './stored-report.js';
import { blockRowsOf, truthOf } from './truth-rules.js';

export interface EvaluationDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly lake: Lake;
  readonly clock: Clock;
  readonly data: Pick<DataService, 'readPart' | 'splitById' | 'versionById'>;
  readonly tracking: Pick<TrackingService, 'link' | 'linkArtifact' | 'logBatch'>;
  readonly scorer: ModelScorer;
  /** The compiled evaluation-worker. */
  readonly workerEntry: URL;
}

type Options = NonNullable<Parameters<EvaluationService['evaluate']>[2]>;

const DEFAULT_RESAMPLES = 2000;
const MIN_ROWS = 10;

export function createEvaluationService(deps: EvaluationDeps): EvaluationService {
  return {
    evaluate: async (context, request, options = {}) => {
      const { test, input } = await prepare(deps, request, options);
      const judgement = await judge(deps, input, options);
      const report: EvaluationReport = {
        id: reportId(request),
        modelDigest: request.modelDigest,
        splitId: request.splitId,
        part: request.part,
        labels: request.signature.labels,
        ...judgement,
        rows: test.rowCount,
        bootstrap: input.bootstrap,
        createdAtMs: deps.clock.nowMs(),
      };
      const { digest } = await deps.objects.putBytes(encodeReport(report));
      await publish(deps, context, { request, report, digest });
      options.progress?.(1, `judged on ${report.rows} rows`);
      return { report, digest };
    },
    report: (digest) => readReport(deps.objects, digest),
    score: async (modelDigest, signature, table) => {
      const truth = truthOf(table, signature);
      const { forecast, labels } = await forecastOfModel(deps.scorer, { digest: modelDigest, signature, table });
      const { codes, classCount } = truth;
      const probability = probabilityOf(forecast.probabilities, classCount, classCount - 1);
      const scored: ScoredRows = { truth: codes, probability, losses: brierLosses(truth, forecast), label: labels };
      return scored;
    },
  };
}

/** The same question has the same id; when it was asked does not matter. */
function reportId(request: EvaluateRequest): string {
  const { trackingRunId: _, ...question } = request;
  return createHash('sha256').update(canonicalJson(question)).digest('hex').slice(0, 32);
}

async function prepare(
  deps: EvaluationDeps,
  request: EvaluateRequest,
  options: Options,
): Promise<{ test: Table; input: JudgeInput }> {
  const { signature, splitId, seed, resamples = DEFAULT_RESAMPLES, minSliceRows = null } = request;
  const named = nameBaselines(request.baselines);
  const split = await deps.data.splitById(splitId);
  const { time } = await deps.data.versionById(split.versionId);
  const test = await deps.data.readPart(splitId, request.part);
  const train = await deps.data.readPart(splitId, request.trainPart);
  const truth = truthOf(test, signature);
  const trainTruth = truthOf(train, signature);
  if (test.rowCount < MIN_ROWS || train.rowCount < 1) {
    throw evaluationErrors.EVAL_TOO_FEW_ROWS(
      `The part ${request.part} has ${test.rowCount} rows, ${request.trainPart} has ${train.rowCount}.`,
      { data: { rows: test.rowCount, trainRows: train.rowCount, least: MIN_ROWS } },
    );
  }
  const sliceTable = sliceTableOf(test, request);
  options.progress?.(0.05, `predicting ${test.rowCount} rows`);
  const { forecast } = await forecastOfModel(deps.scorer, {
    digest: request.modelDigest,
    signature,
    table: test,
    ...(options.signal && { signal: options.signal }),
  });
  const baselines: { name: string; probabilities: Float64Array }[] = [];
  for (const { name, spec } of named) {
    const probabilities =
      spec.kind === 'majority'
        ? majorityForecast(trainTruth, test.rowCount)
        : spec.kind === 'persistence'
          ? persistenceForecast(spec.column, { train, trainTruth, test })
          : bothClasses(await forecastByRule(deps, spec, { table: test, signature }));
    baselines.push({ name, probabilities });
  }
  const bootstrap = { resamples, blockRows: blockRowsOf(test, time, brierLosses(truth, forecast)), seed };
  return { test, input: { truth, model: forecast, baselines, sliceTable, minSliceRows, bootstrap } };
}

function sliceTableOf(test: Table, { signature, sliceColumns }: EvaluateRequest): Table {
  const names = sliceColumns ?? signature.inputs.map(({ name }) => name);
  const unknown = names.find((name) => !test.columns.has(name) || name === signature.target);
  if (unknown === undefined) return selectColumns(test, [...new Set(names)]);
  const columns = [...test.columns.keys()];
  throw evaluationErrors.EVAL_SLICE_COLUMN(
    `There is no column ${unknown} to slice by; there are ${columns.join(', ')}.`,
    {
      data: { column: unknown, columns },
    },
  );
}

async function forecastOfModel(
  scorer: ModelScorer,
  request: Parameters<ModelScorer['score']>[0],
): Promise<{ forecast: Forecast; labels: readonly string[] }> {
  const { labels: names }: ModelSignature = request.signature;
  const { probabilities, labels } = await scorer.score(request);
  const predicted = Int32Array.from(labels, (label) => names.indexOf(label));
  return { forecast: { probabilities, predicted }, labels };
}

function judge(deps: EvaluationDeps, input: JudgeInput, { signal, progress }: Options): Promise<Judgement> {
  return runInThread<Judgement, { ratio: number; message: string }>({
    entry: deps.workerEntry,
    input,
    ...(signal && { signal }),
    onNews: ({ ratio, message }) => progress?.(0.2 + 0.7 * ratio, message),
  });
}

interface Published {
  readonly request: EvaluateRequest;
  readonly report: EvaluationReport;
  readonly digest: string;
}

async function publish(deps: EvaluationDeps, context: ChangeContext, published: Published): Promise<void> {
  const { tracking, clock } = deps;
  const { request, report, digest } = published;
  const { trackingRunId, modelDigest, splitId, part } = request;
  const skill = report.baselines.find(({ baseline }) => baseline === report.strongestBaseline)?.brierSkill.estimate;
  if (trackingRunId !== undefined) {
    const values = { ...report.scores, brierSkill: skill ?? Number.NaN };
    const points = Object.entries(values).filter(([, value]) => Number.isFinite(value));
    const timestampMs = clock.nowMs();
    await tracking.linkArtifact(context, trackingRunId, { path: 'evaluation/report.json', digest });
    await tracking.logBatch(context, trackingRunId, {
      metrics: points.map(([key, value]) => ({ key: `${part}_${key}`, value, timestampMs, step: 0 })),
    });
  }
  await deps.db.transact(context, async (tx) => {
    const node = { kind: 'report', id: digest };
    await tracking.link(tx, [
      { from: { kind: 'split', id: splitId }, to: node, relation: 'evaluated-on' },
      ...(trackingRunId === undefined
        ? []
        : [{ from: { kind: 'run', id: trackingRunId }, to: node, relation: 'produced-by' }]),
    ]);
    const { rows, strongestBaseline } = report;
    const brierSkill = skill === undefined || !Number.isFinite(skill) ? null : skill;
    const payload = { reportDigest: digest, modelDigest, splitId, part, rows, strongestBaseline, brierSkill };
    tx.record(reportCreated.of(node, payload));
  });
}

async function readReport(objects: ObjectStore, digest: string): Promise<EvaluationReport> {
  const report =
    isDigest(digest) && (await objects.has(digest)) ? decodeReport(await objects.readBytes(digest)) : undefined;
  if (report !== undefined) return report;
  const shown = digest.slice(0, 80);
  throw evaluationErrors.EVAL_REPORT_NOT_FOUND(`There is no evaluation report ${JSON.stringify(shown)}.`, {
    data: { digest: shown },
  });
}
