import { newId } from '@fairlead/kernel';
import type { ChangeContext } from '../../../platform/db/index.js';
import type { SecretBox } from '../../../platform/identity/index.js';
import { readPageToken, toPage } from '../../../platform/search/index.js';
import type { AutomationDeps } from '../automation-deps.js';
import { automationErrors } from '../automation-errors.js';
import { subscriptionChanged, subscriptionRemoved } from '../automation-events.js';
import { postWebhook } from '../notify/post-webhook.js';
import { exampleOf } from './notice-rules.js';
import type { StoredSubscription, SubscriptionStore } from './subscription-store.js';
import {
  type Subscription,
  type SubscriptionService,
  type TestResult,
  TOPICS,
  type WriteNotice,
} from './subscription-types.js';

export interface SubscriptionDeps extends Pick<AutomationDeps, 'db' | 'clock' | 'jobs' | 'config'> {
  readonly subscriptions: SubscriptionStore;
  readonly writeNotice: WriteNotice;
  /** Seals the secrets of subscriptions. */
  readonly box: SecretBox;
}

const MAX_ANSWER_BYTES = 10_000;
const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
/** What makes a page of subscriptions another one than any other list's. */
const LIST = { list: 'subscriptions' };

export function createSubscriptionService(deps: SubscriptionDeps): SubscriptionService {
  const { db, clock, subscriptions: store } = deps;
  const find = async (id: string): Promise<StoredSubscription> => {
    const found = await store.get(db, id);
    if (found !== undefined) return found;
    throw automationErrors.AUTO_SUBSCRIPTION_NOT_FOUND(`There is no subscription ${id}.`, { data: { id } });
  };
  /** `secret` undefined: it stays what it is. */
  const save = async (
    context: ChangeContext,
    { secret, ...rest }: StoredSubscription & { secret?: string | null | undefined },
  ): Promise<Subscription> => {
    check(deps, { ...rest, secret: secret ?? null });
    const sealedSecret = secret === undefined ? rest.sealedSecret : secret && deps.box.seal(secret, rest.id);
    const subscription = { ...rest, sealedSecret };
    const shown = withoutSecret(subscription);
    await db.transact(context, async (tx) => {
      await store.put(tx, subscription);
      const { id, name } = subscription;
      tx.record(subscriptionChanged.of({ kind: 'subscription', id }, { id, name }, { after: shown }));
    });
    return shown;
  };
  return {
    subscribe: (context, request) => {
      const [id, atMs] = [newId(clock.nowMs()), clock.nowMs()];
      const { description = '', secret = null, active = true } = request;
      const times = { createdAtMs: atMs, updatedAtMs: atMs };
      return save(context, { ...request, id, description, secret, sealedSecret: null, active, ...times });
    },
    subscriptions: async ({ limit, pageToken }) => {
      const [afterId] = pageToken === undefined ? [] : readPageToken(LIST, pageToken, ['text']);
      const rows = await store.list(db, {
        limit: limit + 1,
        ...(afterId !== undefined && { afterId: String(afterId) }),
      });
      return toPage(rows, { limit, search: LIST, positionOf: ({ id }) => [id], toItem: withoutSecret });
    },
    subscription: async (id) => withoutSecret(await find(id)),
    changeSubscription: async (context, id, change) =>
      save(context, { ...(await find(id)), ...change, updatedAtMs: clock.nowMs() }),
    unsubscribe: async (context, id) => {
      const { name } = await find(id);
      await db.transact(context, async (tx) => {
        if (await store.remove(tx, id)) tx.record(subscriptionRemoved.of({ kind: 'subscription', id }, { id, name }));
      });
    },
    testSubscription: async (id, topic) => test(deps, await find(id), topic),
  };
}

/** @throws AUTO_SUBSCRIPTION_INVALID */
function check({ config }: SubscriptionDeps, subscription: Subscription & { readonly secret: string | null }): void {
  const { name, url, topics, secret, description } = subscription;
  const problem = !NAME.test(name)
    ? 'its name has 1 to 63 letters, digits, dots, dashes and underscores, a letter or digit at both ends'
    : topics.length === 0 || topics.some((topic) => !TOPICS.includes(topic))
      ? `its topics are some of ${TOPICS.join(', ')}`
      : description.length > 10_000 || (secret ?? '').length > 1_000
        ? 'its description has at most 10,000 and its secret 1,000 characters'
        : addressProblem(url, config.webhookAllowPrivate);
  if (problem !== null) throw automationErrors.AUTO_SUBSCRIPTION_INVALID(`The subscription cannot be: ${problem}.`);
}

function addressProblem(address: string, allowPrivate: boolean): string | null {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || address.length > 2_000) return 'its url is no address';
  if (url.username !== '' || url.password !== '') return 'its url has a name or password in it';
  if (url.protocol === 'https:' || (url.protocol === 'http:' && allowPrivate)) return null;
  return 'its url is not https';
}

/** @throws AUTO_SECRET_UNREADABLE */
export function secretOf({ box }: Pick<SubscriptionDeps, 'box'>, { id, name, sealedSecret }: StoredSubscription) {
  const secret = sealedSecret === null ? null : box.open(sealedSecret, id);
  if (secret !== null || sealedSecret === null) return secret;
  throw automationErrors.AUTO_SECRET_UNREADABLE(`The secret of the subscription ${name} does not open.`, {
    data: { id },
  });
}

function withoutSecret({ sealedSecret: _sealed, ...shown }: StoredSubscription): Subscription {
  return shown;
}

async function test(
  deps: SubscriptionDeps,
  subscription: StoredSubscription,
  topic = subscription.topics[0] ?? 'model.created',
): Promise<TestResult> {
  const { clock, config, writeNotice } = deps;
  const { url } = subscription;
  const nowMs = clock.nowMs();
  const written = writeNotice(exampleOf(topic, nowMs), {
    ...{ id: newId(nowMs), nowMs },
    secret: secretOf(deps, subscription),
  });
  const outcome = await postWebhook(url, {
    ...written,
    allowPrivate: config.webhookAllowPrivate,
    signal: new AbortController().signal,
    answerBytes: MAX_ANSWER_BYTES,
  });
  if ('why' in outcome) return { success: false, status: null, text: '', problem: `The receiver: ${outcome.why}.` };
  const { status, text } = outcome;
  return { success: status < 400, status, text, problem: null };
}
