import type { Actor } from '@fairlead/kernel';
import { newId } from '@fairlead/kernel';
import type { ChangeContext, Db } from '../../platform/db/index.js';
import type { JobQueue, JsonValue } from '../../platform/jobs/index.js';
import type { DataService, IngestRequest } from './data-types.js';

/** The kind of the durable jobs that take deliveries. */
export const INGEST_JOB = 'data.ingest';

interface IngestPayload {
  readonly request: IngestRequest & { readonly deliveryId: string };
  /** Who asked: the ledger names them, not the worker. */
  readonly actor: Actor;
  readonly requestId: string | null;
}

/**
 * Takes deliveries from the queue. A run that dies is tried again under the same delivery id: either its transaction was
 * not reached and nothing happened, or it was and the recorded delivery is found.
 */
export function handleIngestJobs({ data, jobs }: { data: DataService; jobs: JobQueue }): void {
  jobs.handle(INGEST_JOB, async (job) => {
    const { request, actor, requestId } = job.payload as unknown as IngestPayload;
    const context: ChangeContext = { actor, ...(requestId === null ? {} : { requestId }) };
    const options = { signal: job.signal, progress: job.progress };
    const { delivery } = await data.ingest(context, request, options);
    const { id: deliveryId, outcome, versionId } = delivery;
    return { result: { deliveryId, outcome, versionId } };
  });
}

/** Queues a delivery; those of one dataset are taken one after the other. */
export async function enqueueIngest(
  { db, jobs }: { db: Db; jobs: JobQueue },
  context: ChangeContext,
  request: IngestRequest,
): Promise<{ jobId: string; deliveryId: string }> {
  const deliveryId = request.deliveryId ?? newId();
  const payload: IngestPayload = {
    request: { ...request, deliveryId },
    actor: context.actor,
    requestId: context.requestId ?? null,
  };
  const jobId = await db.transact(context, (tx) =>
    jobs.enqueue(tx, {
      kind: INGEST_JOB,
      payload: payload as unknown as JsonValue,
      dedupeKey: deliveryId,
      limitKey: `${INGEST_JOB}:${request.dataset}`,
    }),
  );
  return { jobId, deliveryId };
}
