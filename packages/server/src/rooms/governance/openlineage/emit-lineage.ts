import { systemActor } from '@fairlead/kernel';
import { type EventConsumer, readLedger } from '../../../platform/db/index.js';
import type { JobOutcome, RunningJob } from '../../../platform/jobs/index.js';
import { postOnce } from '../../../platform/outgoing/index.js';
import { governanceErrors } from '../governance-errors.js';
import { lineageRefused } from '../governance-events.js';
import { type EventWriter, eventWriter } from './event-writer.js';
import type { OpenLineageDeps } from './openlineage-deps.js';
import type { RunEvent } from './openlineage-types.js';
import { TOLD, tellEntry } from './tell-entry.js';

const EMIT_JOB = 'governance.emit-openlineage';
/** Entries told by one run of the job; the rest gets the next one. */
const BATCH = 500;
const TIME_LIMIT_MS = 15_000;
// Pauses grow to a minute, so this is the better part of a year: a receiver that is away loses nothing.
const ATTEMPTS = 500_000;
/** A wrong key or address is put right by people; what waits is sent then. */
const OUR_FAULT = new Set([401, 403, 404, 405, 407]);

/**
 * Writes down which entries of the ledger are to be told. The sending is a job's: the network has no place in a
 * transaction, and of all replicas one alone may send, or the order would be lost.
 */
export function createEmitter(deps: OpenLineageDeps): EventConsumer {
  return {
    name: 'governance-openlineage',
    types: TOLD,
    // What happened before somebody gave an address is not told: a new receiver gets no years of history at once.
    from: 'now',
    handle: async ({ seq }, tx) => {
      await deps.store.enqueue(tx, seq);
      await deps.jobs.enqueue(tx, { kind: EMIT_JOB, payload: {}, dedupeKey: EMIT_JOB, maxAttempts: ATTEMPTS });
    },
  };
}

export function handleEmitJobs(deps: OpenLineageDeps): void {
  const writer = eventWriter(deps);
  deps.jobs.handle(EMIT_JOB, (job) => emit(deps, writer, job), { concurrency: 1 });
}

async function emit(deps: OpenLineageDeps, writer: EventWriter, job: RunningJob): Promise<JobOutcome> {
  const { db, store, config } = deps;
  // The address was taken away: what waits stays for the day it comes back.
  if (config.openlineage?.url === undefined) return { result: { told: 0 } };
  const waiting = await store.waiting(db, BATCH);
  for (const [done, { seq }] of waiting.entries()) {
    const [entry] = await readLedger(db, { afterSeq: seq - 1, limit: 1 });
    const events = entry?.seq === seq ? await tellEntry(writer, entry) : [];
    let reason: string | undefined;
    for (const event of events) reason = (await send(deps, event, job.signal)) ?? reason;
    await finish(deps, seq, reason);
    job.progress((done + 1) / waiting.length, `told ${done + 1} of ${waiting.length}`);
  }
  return {
    result: { told: waiting.length },
    // An entry that came while this job ended found it still running, and so made no job of its own.
    commit: async (tx) => {
      if ((await store.waiting(tx, 1)).length === 0) return;
      await deps.jobs.enqueue(tx, { kind: EMIT_JOB, payload: {}, dedupeKey: EMIT_JOB, maxAttempts: ATTEMPTS });
    },
  };
}

/** Undefined when it was taken, else why the receiver will never take it. Throws what may pass: the job tries again. */
async function send({ config }: OpenLineageDeps, event: RunEvent, signal: AbortSignal): Promise<string | undefined> {
  const { url: address = '', apiKey, header } = config.openlineage ?? {};
  const url = new URL(address);
  const key: Record<string, string> =
    apiKey === undefined ? {} : header === undefined ? { authorization: `Bearer ${apiKey}` } : { [header]: apiKey };
  const outcome = await postOnce({
    url,
    headers: { 'content-type': 'application/json', ...key },
    body: JSON.stringify(event),
    allowPrivate: config.webhookAllowPrivate,
    timeLimitMs: TIME_LIMIT_MS,
    signal,
  });
  if (outcome.kind === 'accepted') return undefined;
  if (outcome.kind === 'refused' && !OUR_FAULT.has(outcome.status)) return `status ${outcome.status}`;
  const why = 'why' in outcome ? outcome.why : `status ${outcome.status}`;
  throw governanceErrors.GOV_LINEAGE_NOT_DELIVERED(`${url.origin} did not take lineage: ${why}.`, {
    data: { host: url.host, why },
    ...('cause' in outcome && { cause: outcome.cause }),
  });
}

async function finish({ db, store, clock }: OpenLineageDeps, seq: number, reason: string | undefined): Promise<void> {
  await db.transact({ actor: systemActor }, async (tx) => {
    if (reason === undefined) return store.delivered(tx, seq);
    await store.refused(tx, { seq, atMs: clock.nowMs(), reason });
    tx.record(lineageRefused.of({ kind: 'lineage', id: 'openlineage' }, { seq, reason }));
  });
}
