import { formatDuration, isFairleadError, type RecordedEvent } from '@fairlead/kernel';
import { readLedger } from '../../../platform/db/index.js';
import { runReproduced } from '../../training/index.js';
import { defineGate, insufficient } from './define-gate.js';
import type { GateRoom } from './gate-room.js';
import type { GateSpecOf } from './gate-types.js';

interface Reproduced {
  readonly runId: string | null;
  /** The newest verdict about the run that made the model, or about the pipeline run it was a step of. */
  readonly found: { readonly level: string; readonly by: string; readonly atMs: number; readonly seq: number } | null;
  /** The repetition that the gate started, and how it stood when the wait was over. */
  readonly started: { readonly jobId: string | null; readonly outcome: string } | null;
}

type Spec = GateSpecOf<'reproduction'>;

const LEVELS = ['same-bytes', 'same-predictions', 'same-metrics', 'different'];
const PAGE = 1_000;

/**
 * The ledger is asked, not the run's tags: those anybody may write who may log to the run. Since version 2 the gate does the run again
 * itself where nobody has, when the policy says how long it may take; before, it only looked.
 */
export const reproductionGate = defineGate<Spec, Reproduced>({
  kind: 'reproduction',
  version: 2,
  waits: true,
  measure: async (room, spec) => {
    const { trackingRunId, pipelineRunId } = room.version.source;
    const runId = trackingRunId ?? pipelineRunId;
    const found = await newestVerdict(room);
    const { timeoutMs } = spec;
    if (found !== null || runId === null || timeoutMs === undefined) return { runId, found, started: null };
    const started = await doAgain(room, { runId, timeoutMs });
    return { runId, found: await newestVerdict(room), started };
  },
  judge: ({ level }, { runId, found, started }) => {
    const title = 'Reproduction';
    const required = `done again from its record: ${level} or better`;
    if (runId === null) return insufficient(title, required, 'the model was not made by a run of this server');
    if (found === null) {
      const observed = started?.outcome ?? `nobody has done it again: fairlead reproduce ${runId}, then request again`;
      return { ...insufficient(title, required, observed), evidence: { runId, jobId: started?.jobId ?? null } };
    }
    return {
      title,
      verdict: LEVELS.indexOf(found.level) <= LEVELS.indexOf(level) ? 'pass' : 'fail',
      observed: `done again on ${new Date(found.atMs).toISOString()} by ${started === null ? found.by : 'this gate'}: ${found.level}`,
      required,
      evidence: { runId, level: found.level, ledgerSeq: found.seq, ...(started && { jobId: started.jobId }) },
    };
  },
});

/** A repetition that outlives the wait goes on: the next request finds its verdict. */
async function doAgain(
  { deps, context, signal }: GateRoom,
  { runId, timeoutMs }: { runId: string; timeoutMs: number },
): Promise<Reproduced['started']> {
  let jobId: string;
  try {
    ({ jobId } = await deps.reproduce(context, { runId }));
  } catch (error) {
    if (!isFairleadError(error)) throw error;
    return { jobId: null, outcome: `it cannot be done again: ${error.message}` };
  }
  const { state, error } = await deps.jobs.waitFor(jobId, { timeoutMs, signal });
  if (state === 'queued' || state === 'running') {
    const outcome = `doing it again (job ${jobId}) takes longer than ${formatDuration(timeoutMs)}: request again when it has ended`;
    return { jobId, outcome };
  }
  return { jobId, outcome: `doing it again (job ${jobId}) ended without a verdict: ${error?.message ?? state}` };
}

async function newestVerdict({ deps, version }: GateRoom): Promise<Reproduced['found']> {
  const { trackingRunId, pipelineRunId } = version.source;
  const about = [trackingRunId, pipelineRunId];
  let newest: RecordedEvent | undefined;
  for (let afterSeq = 0; ; ) {
    const page = await readLedger(deps.db, { afterSeq, limit: PAGE, types: [runReproduced.type] });
    newest = page.findLast(({ subject }) => about.includes(subject.id)) ?? newest;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    afterSeq = last.seq;
  }
  if (newest === undefined) return null;
  const { level } = newest.payload as { level: string };
  return { level, by: newest.actor.id, atMs: newest.atMs, seq: newest.seq };
}
