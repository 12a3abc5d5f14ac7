import { openThreadTeam, workerEntry } from '../../../platform/compute/index.js';
import type { Candidate } from '../candidate-rules.js';
import type {
  EngineAnswer,
  EngineRequest,
  PackagedCandidate,
  Problem,
  TrialUnit,
  UnitFailure,
  UnitOutcome,
} from './engine-types.js';
import { shareFolds, shareTable, shareTarget } from './share-table.js';

export interface WaveHooks {
  /** When a thread has taken the unit. */
  readonly onStart?: (unit: TrialUnit) => void;
  readonly onDone?: (unit: TrialUnit, outcome: UnitOutcome) => void;
  /** True when no further unit may start: those left are answered as not begun. */
  readonly over?: () => boolean;
}

/** What became of a unit; `null` when its time had run out before it began. */
export type WaveOutcome = UnitOutcome | null;

/** Threads over one problem. The rows stand in shared memory once, however many threads there are. */
export interface TrialTeam {
  readonly threads: number;
  /** Computes the units, spread over the threads, and answers in their order. The answers do not depend on the spread. */
  run(units: readonly TrialUnit[], hooks?: WaveHooks): Promise<WaveOutcome[]>;
  /** Fits on all rows with all threads. */
  package(candidate: Candidate): Promise<PackagedCandidate>;
  close(): Promise<void>;
}

export interface TrialTeamOptions {
  /** Threads in all, shared between trials at a time and threads within a fit. */
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

/** Throws away nothing: whoever opens a team closes it. */
export function openTrialTeam(problem: Problem, { threads, signal }: TrialTeamOptions): TrialTeam {
  const input: Problem = {
    ...problem,
    table: shareTable(problem.table),
    target: shareTarget(problem.target),
    folds: shareFolds(problem.folds),
  };
  const entry = workerEntry(import.meta.url, 'trial-worker.js');
  const team = openThreadTeam<EngineRequest, EngineAnswer>({ entry, input, size: threads, signal });
  return {
    threads,
    run: (units, hooks = {}) => runWave(units, { team, threads, hooks }),
    package: async (candidate) => (await team.ask(0, { type: 'package', candidate, threads })) as PackagedCandidate,
    close: () => team.close(),
  };
}

interface Wave {
  readonly team: { ask(member: number, request: EngineRequest): Promise<EngineAnswer> };
  readonly threads: number;
  readonly hooks: WaveHooks;
}

/** With fewer units than threads each fit gets several threads, with more each gets one. */
async function runWave(units: readonly TrialUnit[], { team, threads, hooks }: Wave): Promise<WaveOutcome[]> {
  const outcomes = new Array<WaveOutcome>(units.length).fill(null);
  const waiting = units.map((unit, index) => ({ unit, index }));
  const members = Math.min(threads, units.length);
  const threadsEach = Math.max(1, Math.floor(threads / Math.max(1, units.length)));
  const work = async (member: number): Promise<void> => {
    for (;;) {
      if (hooks.over?.()) return;
      // Trials in their order; within one a fold whose features this thread has from the trial before.
      const first = waiting[0]?.unit.number;
      const at = waiting.findIndex(({ unit }) => unit.number === first && unit.fold % members === member);
      const [next] = waiting.splice(Math.max(0, at), 1);
      if (next === undefined) return;
      hooks.onStart?.(next.unit);
      const answer = await team.ask(member, { type: 'score', unit: next.unit, threads: threadsEach });
      outcomes[next.index] = answer as UnitOutcome;
      hooks.onDone?.(next.unit, answer as UnitOutcome);
    }
  };
  await Promise.all(Array.from({ length: members }, (_, member) => work(member)));
  return outcomes;
}

export function failureOf(outcome: UnitOutcome): UnitFailure | undefined {
  return 'failed' in outcome ? outcome.failed : undefined;
}
