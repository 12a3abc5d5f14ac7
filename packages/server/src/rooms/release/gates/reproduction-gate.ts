import type { RecordedEvent } from '@fairlead/kernel';
import { readLedger } from '../../../platform/db/index.js';
import { runReproduced } from '../../training/index.js';
import { defineGate, insufficient } from './define-gate.js';
import type { GateRoom } from './gate-room.js';
import type { GateSpecOf } from './gate-types.js';

interface Reproduced {
  readonly runId: string | null;
  /** The newest verdict about the run that made the model, or about the pipeline run it was a step of. */
  readonly found: { readonly level: string; readonly by: string; readonly atMs: number; readonly seq: number } | null;
}

const LEVELS = ['same-bytes', 'same-predictions', 'same-metrics', 'different'];
const PAGE = 1_000;

/** The ledger is asked, not the run's tags: those anybody may write who may log to the run. */
export const reproductionGate = defineGate<GateSpecOf<'reproduction'>, Reproduced>({
  kind: 'reproduction',
  version: 1,
  measure: async (room) => ({ runId: room.version.source.trackingRunId, found: await newestVerdict(room) }),
  judge: ({ level }, { runId, found }) => {
    const title = 'Reproduction';
    const required = `done again from its record: ${level} or better`;
    if (runId === null) return insufficient(title, required, 'the model was not made by a run of this server');
    if (found === null) {
      return insufficient(title, required, `nobody has done it again: fairlead reproduce ${runId}, then request again`);
    }
    return {
      title,
      verdict: LEVELS.indexOf(found.level) <= LEVELS.indexOf(level) ? 'pass' : 'fail',
      observed: `done again on ${new Date(found.atMs).toISOString()} by ${found.by}: ${found.level}`,
      required,
      evidence: { runId, level: found.level, ledgerSeq: found.seq },
    };
  },
});

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
