import { isFairleadError } from '@fairlead/kernel';
import type { CaptureSource } from '../capture/capture-types.js';
import type { Target } from '../routing/live-table.js';
import type { ServingParts } from '../serving-deps.js';
import { isSampled } from '../serving-rules.js';
import type { PredictRequest, PredictResult } from '../serving-types.js';
import { type Answer, computeAnswer } from './compute-answer.js';
import { countRows, predictionId } from './request-rows.js';

/** A request that was answered or refused by one deployment. */
interface Outcome {
  readonly answer: Answer | undefined;
  readonly status: number;
  readonly errorCode: string | null;
  readonly error: unknown;
  readonly latencyMs: number;
  readonly atMs: number;
}

/** What answering needs of the room; a serving process has no more. */
export type PredictParts = Pick<
  ServingParts,
  'captureSample' | 'clock' | 'elapsedMs' | 'live' | 'maxRows' | 'metrics' | 'onCaptured' | 'onError'
> & { readonly capture: Pick<ServingParts['capture'], 'append'> };

/** Copies that may be under way at once: a slow shadow must not eat the memory of the primary. */
const MAX_SHADOWS = 64;

export interface Predictor {
  predict(request: PredictRequest): Promise<PredictResult>;
  /** Resolves when no copy to a shadow is under way any more. */
  idle(): Promise<void>;
}

/** The path of a request: route, encode, run, decode, count, capture; then the shadows. */
export function createPredictor(parts: PredictParts): Predictor {
  const shadows = new Set<Promise<void>>();

  const copyTo = (deploymentId: string, request: PredictRequest): void => {
    if (shadows.size >= MAX_SHADOWS) {
      parts.metrics.shadowSkipped(request.endpoint);
      return;
    }
    const copy = afterAnswer()
      .then(() => runShadow(parts, deploymentId, request))
      .catch((error) => parts.onError(error, `shadow ${deploymentId} failed`))
      .finally(() => shadows.delete(copy));
    shadows.add(copy);
  };

  return {
    predict: async (request) => {
      const target = parts.live.target(request);
      const outcome = await attempt(parts, target, request);
      await settle(parts, { request, target, outcome, shadow: false });
      for (const id of target.shadows) copyTo(id, request);
      if (outcome.answer === undefined) throw outcome.error;
      return present(request, target, { answer: outcome.answer, latencyMs: outcome.latencyMs });
    },
    idle: async () => {
      while (shadows.size > 0) await Promise.all(shadows);
    },
  };
}

const afterAnswer = () => new Promise<void>((resolve) => setImmediate(resolve));

async function runShadow(parts: PredictParts, deploymentId: string, request: PredictRequest): Promise<void> {
  const version = parts.live.get(deploymentId)?.deployment.version ?? 0;
  const target: Target = { deploymentId, version, reason: 'only', propensity: null, shadows: [] };
  const outcome = await attempt(parts, target, request);
  await settle(parts, { request, target, outcome, shadow: true });
}

async function attempt(parts: PredictParts, target: Target, request: PredictRequest): Promise<Outcome> {
  const atMs = parts.clock.nowMs();
  const startedMs = parts.elapsedMs();
  const end = () => ({ atMs, latencyMs: parts.elapsedMs() - startedMs });
  try {
    const answer = await computeAnswer(parts.live.servable(target), request, parts.maxRows);
    return { answer, status: 200, errorCode: null, error: undefined, ...end() };
  } catch (error) {
    const { status, code } = isFairleadError(error) ? error : { status: 500, code: 'HTTP_INTERNAL' };
    return { answer: undefined, status, errorCode: code, error, ...end() };
  }
}

interface Settled {
  readonly request: PredictRequest;
  readonly target: Target;
  readonly outcome: Outcome;
  readonly shadow: boolean;
}

/** Counts and captures. In capture mode `sync` it waits, and an answer that cannot be recorded is not given. */
async function settle(parts: PredictParts, { request, target, outcome, shadow }: Settled): Promise<void> {
  const { endpoint, environment } = request;
  const { deploymentId, version } = target;
  const { answer, status, errorCode, latencyMs, atMs } = outcome;
  const servable = parts.live.get(deploymentId);
  const rows = countRows(request);
  servable?.counters.add({ rows, latencyMs, status, errorCode });
  parts.metrics.served({ endpoint, environment, version, shadow }, { rows, latencyMs, status, errorCode });
  const routeReason = shadow ? 'shadow' : target.reason;
  // A spread comes last here, see the invariants in the README.
  const facts = {
    queueMs: answer?.queueMs ?? null,
    computeMs: answer?.computeMs ?? null,
    propensity: shadow ? null : target.propensity,
    ...{ atMs, shadow, routeReason, latencyMs, status, errorCode },
  };
  // What is compared, chosen by hand or went wrong is always kept.
  const always = status !== 200 || shadow || target.shadows.length > 0 || target.reason === 'override';
  if (!always && !isSampled(request.requestId, parts.captureSample)) {
    parts.metrics.captureSampledOut(endpoint, rows);
    return;
  }
  if (rows > parts.maxRows) parts.metrics.captureDropped(endpoint, rows - parts.maxRows);
  await parts.capture.append({
    source: servable?.source ?? unloaded(request, target),
    request,
    facts,
    decoded: answer?.decoded ?? [],
    rows: Math.min(rows, parts.maxRows),
  });
  if (!shadow && answer !== undefined) parts.onCaptured(endpoint, environment, rows);
}

/** Of a deployment that is not in memory neither model nor columns are known. */
const unloaded = ({ endpoint, environment }: PredictRequest, { deploymentId, version }: Target): CaptureSource => ({
  ...{ endpoint, environment, deploymentId, model: '', version },
  kinds: {},
});

function present(
  request: PredictRequest,
  target: Target,
  { answer, latencyMs }: { answer: Answer; latencyMs: number },
): PredictResult {
  const { id, model, version, digest } = answer.deployment;
  const said = {
    requestId: request.requestId,
    routeReason: target.reason,
    predictions: answer.decoded.map((row, i) => ({ id: predictionId(request, i), ...row })),
    warnings: answer.warnings,
  };
  const { tensors, write } = answer;
  return { model, version, digest, deploymentId: id, latencyMs, tensors, text: () => write(said), ...said };
}
