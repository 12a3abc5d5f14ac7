import type { Verdict } from '@fairlead/kernel';
import type { DeployedReport } from './deployed-report.js';
import type { GateRoom } from './gate-room.js';
import type { GateResult, GateSpec } from './gate-types.js';

/** What a gate says of what it measured. */
export type Judgement = Pick<GateResult, 'title' | 'verdict' | 'observed' | 'required' | 'interval' | 'evidence'>;

/** One type of gate: what it measures on the deployed version, and a pure decision on that. */
export interface GateType<S extends GateSpec, M> {
  readonly kind: S['kind'];
  /** Raised whenever equal facts could be judged otherwise than before. */
  readonly version: number;
  /** It may wait for hours for work elsewhere: the other gates of the release come first. */
  readonly waits?: true;
  readonly measure: (room: GateRoom, spec: S) => M | Promise<M>;
  readonly judge: (spec: S, measured: M) => Judgement;
}

export interface AnyGateType {
  readonly kind: GateSpec['kind'];
  readonly version: number;
  readonly waits?: true;
  /** Measures and judges. Throws only what is no verdict about the model: faults of the system. */
  run(room: GateRoom, spec: GateSpec): Promise<Judgement>;
}

export function defineGate<S extends GateSpec, M>(type: GateType<S, M>): AnyGateType & GateType<S, M> {
  return {
    ...type,
    // The list of gate types is asked by kind, so that the specification is of this one.
    run: async (room, spec) => type.judge(spec as S, await type.measure(room, spec as S)),
  };
}

/** What a gate says that has nothing to judge on. */
export const insufficient = (title: string, required: string, observed: string): Judgement => ({
  title,
  verdict: 'insufficient',
  observed,
  required,
  evidence: {},
});

/** What every gate says of a deployment that cannot be judged, or that does not answer as the evaluated model did. */
export function withoutReport(
  title: string,
  required: string,
  deployed: Exclude<DeployedReport, { kind: 'judged' }>,
): Judgement {
  if (deployed.kind === 'unmeasured') return insufficient(title, required, deployed.reason);
  const { observed, evidence } = deployed;
  return { title, verdict: 'fail', observed, required, evidence };
}

/** A bound from above: proven kept, proven broken, or neither. */
export function withinBound({ lower, upper }: { lower: number; upper: number }, bound: number): Verdict {
  if (lower > bound) return 'fail';
  return upper <= bound ? 'pass' : 'insufficient';
}

const SEVERITY = { pass: 0, insufficient: 1, fail: 2 } as const;

/** The most severe of several findings, the first of equals. */
export function worstOf<T extends { readonly verdict: Verdict }>(findings: readonly T[]): T | undefined {
  return findings.reduce<T | undefined>(
    (worst, one) => (worst === undefined || SEVERITY[one.verdict] > SEVERITY[worst.verdict] ? one : worst),
    undefined,
  );
}
