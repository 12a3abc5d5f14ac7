import type { Verdict } from '@fairlead/kernel';
import type { GateResult, RolloutSpec } from './release-types.js';

export type CanarySpec = Extract<RolloutSpec, { kind: 'canary' }>;

/** What the candidate did since the current step began. */
export interface CanaryObservation {
  readonly requests: number;
  readonly errors: number;
  readonly nonFiniteOutputs: number;
  readonly p99Ms: number;
}

export type RolloutDecision =
  | { readonly kind: 'advance'; readonly step: number; readonly weight: number; readonly reason: string }
  | { readonly kind: 'finish'; readonly reason: string }
  | { readonly kind: 'wait'; readonly reason: string }
  | { readonly kind: 'roll-back'; readonly reason: string };

/** Each guardrail as a gate result. Without a single request the answer is `insufficient`, which counts for nothing. */
export function judgeGuardrails(spec: CanarySpec, seen: CanaryObservation): GateResult[] {
  const { maxErrorRatio, maxP99Ms, maxNonFiniteRatio } = spec.guardrails;
  const ratio = (count: number) => (seen.requests === 0 ? Number.NaN : count / seen.requests);
  const rail = (title: string, observed: number, limit: number, unit: string): GateResult => ({
    kind: 'load-trial',
    title,
    verdict: verdictOf(observed, limit),
    observed: Number.isNaN(observed) ? 'no requests yet' : `${round(observed)}${unit}`,
    required: `at most ${limit}${unit}`,
    evidence: { requests: seen.requests },
  });
  return [
    rail('Error ratio', ratio(seen.errors), maxErrorRatio, ''),
    rail('Non-finite outputs', ratio(seen.nonFiniteOutputs), maxNonFiniteRatio, ''),
    rail('Latency p99', seen.requests === 0 ? Number.NaN : seen.p99Ms, maxP99Ms, ' ms'),
  ];
}

function verdictOf(observed: number, limit: number): Verdict {
  if (Number.isNaN(observed)) return 'insufficient';
  return observed <= limit ? 'pass' : 'fail';
}

const round = (value: number) => Math.round(value * 1e4) / 1e4;

export interface CanarySituation {
  readonly spec: CanarySpec;
  /** Index of the current step in `spec.steps`. */
  readonly step: number;
  readonly guardrails: readonly GateResult[];
  readonly requests: number;
  readonly waitedMs: number;
  /** Somebody asked to go on now: the guardrails still count, the minimum of requests does not. */
  readonly force: boolean;
}

/** Where a canary goes from here. A failed guardrail goes back whatever else is true; waiting is never success. */
export function decideCanary({ spec, step, guardrails, requests, waitedMs, force }: CanarySituation): RolloutDecision {
  const broken = guardrails.filter((rail) => rail.verdict === 'fail');
  if (broken.length > 0) {
    const reason = broken.map((rail) => `${rail.title} ${rail.observed}, ${rail.required}`).join('; ');
    return { kind: 'roll-back', reason };
  }
  const current = spec.steps[step];
  const needed = current?.minRequests ?? 0;
  if (!force && spec.advance === 'manual') return { kind: 'wait', reason: 'waits for somebody to advance it' };
  if (!force && requests < needed) {
    if (waitedMs <= spec.maxWaitMs) return { kind: 'wait', reason: `${requests} of ${needed} requests at this step` };
    return spec.onMaxWait === 'rollback'
      ? { kind: 'roll-back', reason: `only ${requests} of ${needed} requests within the longest wait` }
      : { kind: 'wait', reason: `held: only ${requests} of ${needed} requests within the longest wait` };
  }
  const next = spec.steps[step + 1];
  if (next === undefined) return { kind: 'finish', reason: `all guardrails held at the last step` };
  return { kind: 'advance', step: step + 1, weight: next.weight, reason: `guardrails held over ${requests} requests` };
}

/** Problems of a policy's rollout in words; empty when it is sound. */
export function checkRollout(rollout: RolloutSpec): string[] {
  if (rollout.kind !== 'canary') return [];
  const weights = rollout.steps.map((step) => step.weight);
  const rising = weights.every((weight, i) => i === 0 || weight > (weights[i - 1] ?? 0));
  return [
    ...(rising ? [] : [`canary weights must rise, got ${weights.join(', ')}`]),
    ...(weights.at(-1) === 1 ? [] : [`the last canary weight must be 1, got ${weights.at(-1)}`]),
  ];
}
