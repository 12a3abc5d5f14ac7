import { newId } from '@fairlead/kernel';
import type { EventConsumer } from '../../../platform/db/index.js';
import type { JobOutcome, JsonValue, RunningJob } from '../../../platform/jobs/index.js';
import { postWebhook, requireSuccess } from '../notify/post-webhook.js';
import { NOTICED, noticesOf } from './notice-rules.js';
import { type SubscriptionDeps, secretOf } from './subscription-service.js';
import type { Notice } from './subscription-types.js';

const DELIVER_JOB = 'automation.deliver-notice';
/** Once and three times again. */
const ATTEMPTS = 4;

interface Delivery {
  readonly id: string;
  readonly subscriptionId: string;
  readonly notice: Notice;
}

/** Who is to be told of an event is settled once, in the transaction that moves the place in the ledger. */
export function createNoticeConsumer({ subscriptions, clock, jobs }: SubscriptionDeps): EventConsumer {
  return {
    name: 'webhook-subscriptions',
    types: NOTICED,
    handle: async (event, tx) => {
      for (const [index, notice] of noticesOf(event).entries()) {
        for (const { id: subscriptionId, createdAtMs } of await subscriptions.listening(tx, notice.topic)) {
          if (event.atMs < createdAtMs) continue;
          const delivery: Delivery = { id: newId(clock.nowMs()), subscriptionId, notice };
          await jobs.enqueue(tx, {
            kind: DELIVER_JOB,
            payload: delivery as unknown as JsonValue,
            dedupeKey: `${subscriptionId}/${event.seq}/${index}`,
            maxAttempts: ATTEMPTS,
            timeoutMs: 15_000,
          });
        }
      }
    },
  };
}

/** Says who tells subscribers in this process. */
export function handleDeliveries(deps: SubscriptionDeps): void {
  deps.jobs.handle(DELIVER_JOB, (job) => deliver(deps, job));
}

/** The receiver tells repetitions apart by the id of the delivery. */
async function deliver(deps: SubscriptionDeps, job: RunningJob): Promise<JobOutcome> {
  const { db, subscriptions, clock, config, writeNotice } = deps;
  const { id, subscriptionId, notice } = job.payload as unknown as Delivery;
  const subscription = await subscriptions.get(db, subscriptionId);
  if (subscription?.active !== true) return { result: { state: 'nobody listens any more' } };
  const { url } = subscription;
  const written = writeNotice(notice, { id, nowMs: clock.nowMs(), secret: secretOf(deps, subscription) });
  const allowPrivate = config.webhookAllowPrivate;
  const outcome = await postWebhook(url, { ...written, allowPrivate, signal: job.signal });
  return { result: { status: requireSuccess(url, outcome) } };
}
