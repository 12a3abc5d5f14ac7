import { createHash } from 'node:crypto';
import { type Clock, canonicalJson } from '@fairlead/kernel';
import { probabilityOf } from '@fairlead/num';
import { runInThread } from '../../platform/compute/index.js';
import type { ChangeContext, Db } from '../../platform/db/index.js';
import { isDigest, type ObjectStore } from '../../platform/objects/index.js';
import type { TrackingService } from '../tracking/index.js';
import { evaluationErrors } from './evaluation-errors.js';
import { reportCreated } from './evaluation-events.js';
import type {
  EvaluateRequest,
  EvaluationReport,
  EvaluationService,
  ReportQuestion,
  ScoredRows,
} from './evaluation-types.js';
import type { JudgeInput, Judgement } from './judge-messages.js';
import { forecastOfModel, type PrepareDeps, type PrepareOptions, prepareJudging } from './prepare-judging.js';
import { brierLosses } from './score-classes.js';
import { skillOf } from './skill-rules.js';
import { decodeReport, encodeReport } from './stored-report.js';
import { truthOf } from './truth-rules.js';

export interface EvaluationDeps extends PrepareDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly tracking: Pick<TrackingService, 'link' | 'linkArtifact' | 'logBatch'>;
  /** The compiled evaluation-worker. */
  readonly workerEntry: URL;
}

export function createEvaluationService(deps: EvaluationDeps): EvaluationService {
  return {
    evaluate: async (context, request, options = {}) => {
      const report = await makeReport(deps, request, options);
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
    judgeAnswers: async ({ report, signature, answers }, { signal } = {}) => {
      const { id, modelDigest, splitId, part, bootstrap, question } = report;
      if (question === undefined) {
        throw evaluationErrors.EVAL_QUESTION_UNKNOWN(
          `The report ${id} does not say which baselines and slices it was asked for.`,
          { data: { id } },
        );
      }
      const { resamples, seed } = bootstrap;
      const request = { ...question, modelDigest, signature, splitId, part, resamples, seed };
      return { ...(await makeReport(deps, request, { answers, ...(signal && { signal }) })), id };
    },
  };
}

async function makeReport(deps: EvaluationDeps, request: EvaluateRequest, options: PrepareOptions) {
  const input = await prepareJudging(deps, request, options);
  const judgement = await judge(deps, input, options);
  const { modelDigest, splitId, part, signature } = request;
  const facts = { id: reportId(request), modelDigest, splitId, part };
  const made = { bootstrap: input.bootstrap, question: questionOf(request), createdAtMs: deps.clock.nowMs() };
  const report: EvaluationReport =
    'task' in judgement
      ? { ...facts, target: signature.target, ...judgement, ...made }
      : { ...facts, labels: signature.labels, ...judgement, ...made };
  return report;
}

function questionOf({ trainPart, baselines, sliceColumns, minSliceRows }: EvaluateRequest): ReportQuestion {
  return {
    ...{ trainPart, baselines },
    ...(sliceColumns !== undefined && { sliceColumns }),
    ...(minSliceRows !== undefined && { minSliceRows }),
  };
}

/** The same question has the same id; when it was asked does not matter. */
function reportId(request: EvaluateRequest): string {
  const { trackingRunId: _, ...question } = request;
  return createHash('sha256').update(canonicalJson(question)).digest('hex').slice(0, 32);
}

function judge(deps: EvaluationDeps, input: JudgeInput, { signal, progress }: PrepareOptions): Promise<Judgement> {
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
  const skill = skillOf(report)?.skill.estimate;
  const skillName = report.task === 'regression' ? 'mseSkill' : 'brierSkill';
  if (trackingRunId !== undefined) {
    const values = { ...report.scores, [skillName]: skill ?? Number.NaN };
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
    const shown = skill === undefined || !Number.isFinite(skill) ? null : skill;
    const facts = { reportDigest: digest, modelDigest, splitId, part, rows, strongestBaseline };
    const payload =
      report.task === 'regression' ? { ...facts, brierSkill: null, mseSkill: shown } : { ...facts, brierSkill: shown };
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
