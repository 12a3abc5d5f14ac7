import { isFairleadError } from '@fairlead/kernel';
import type { StopSignal } from '@fairlead/num';
import { createThreadPool, serveRequests } from '../../../platform/compute/index.js';
import type { EngineAnswer, EngineRequest, Problem, UnitOutcome } from './engine-types.js';
import { packageCandidate } from './package-candidate.js';
import { FoldCache, scoreUnit } from './score-unit.js';

/** With fewer values a fit is over before another thread has started, which takes about 0.2 s each time. */
const FEWEST_VALUES_TO_SHARE = 2000;

// Entry of a trial thread: pure JavaScript, so it may be ended at any time.
serveRequests<Problem, EngineRequest, EngineAnswer>((problem, { stop }) => {
  const cache = new FoldCache();
  const { table } = problem;
  const isSmall = table.rowCount * table.columns.size < FEWEST_VALUES_TO_SHARE;
  return (request) => {
    const startMs = performance.now();
    const elapsedMs = () => performance.now() - startMs;
    return withThreads(isSmall ? 1 : request.threads, stop, (hooks): EngineAnswer => {
      if (request.type === 'package') {
        return { ...packageCandidate(problem, request.candidate, hooks), fitMs: elapsedMs() };
      }
      try {
        return { ...scoreUnit(problem, request.unit, { cache, hooks }), fitMs: elapsedMs() };
      } catch (error) {
        return failureOf(error, elapsedMs());
      }
    });
  };
});

function withThreads<T>(
  threads: number,
  signal: StopSignal,
  work: (hooks: { signal: StopSignal; threads?: ReturnType<typeof createThreadPool> }) => T,
): T {
  if (threads < 2) return work({ signal });
  const pool = createThreadPool(threads);
  try {
    return work({ signal, threads: pool });
  } finally {
    pool.close();
  }
}

/** What the rows or parameters are to blame for is an answer; anything else is thrown on. */
function failureOf(error: unknown, fitMs: number): UnitOutcome {
  if (!isFairleadError(error) || error.fault !== 'user') throw error;
  return { failed: { code: error.code, message: error.message }, fitMs };
}
