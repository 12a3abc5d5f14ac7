import type { Subscription, TestResult, Topic } from '../../rooms/automation/index.js';
import { type Call, defineCall } from './define-call.js';
import type { Fields } from './read-fields.js';
import { readPage } from './read-search.js';
import { eventOf, eventWords, topicOf } from './webhook-words.js';
import { presentToken, unlessEmpty } from './wire.js';

const STATUS = { ACTIVE: true, DISABLED: false } as const;

function readTopic(fields: Fields): Topic {
  const event = { entity: fields.neededText('entity'), action: fields.neededText('action') };
  const topic = topicOf(event);
  if (topic === undefined)
    throw fields.refuse('entity', `${event.entity}.${event.action}`, `one of ${eventWords.join(', ')}`);
  return topic;
}

const readTopics = (fields: Fields) => [...new Set(fields.items('events').map(readTopic))];

/** What of a subscription is said; an empty text says nothing, but for the description. */
function readChange(fields: Fields) {
  const [name, url, secret] = [fields.text('name'), fields.text('url'), fields.text('secret')];
  const [description, active] = [fields.text('description'), fields.choice('status', STATUS)];
  const topics = readTopics(fields);
  return {
    ...(name && { name }),
    ...(url && { url }),
    ...(topics.length > 0 && { topics }),
    ...(secret && { secret }),
    ...(description !== undefined && { description }),
    ...(active !== undefined && { active }),
  };
}

function presentWebhook({ id, name, description, url, topics, active, createdAtMs, updatedAtMs }: Subscription) {
  const inCapitals = ({ entity, action }: ReturnType<typeof eventOf>) => {
    return { entity: entity.toUpperCase(), action: action.toUpperCase() };
  };
  return {
    webhook_id: id,
    name,
    description: description === '' ? undefined : description,
    url,
    events: topics.map((topic) => inCapitals(eventOf(topic))),
    status: active ? 'ACTIVE' : 'DISABLED',
    creation_timestamp: createdAtMs,
    last_updated_timestamp: updatedAtMs,
  };
}

const answerWebhook = (subscription: Subscription) => ({ webhook: presentWebhook(subscription) });

const presentTest = ({ success, status, text, problem }: TestResult) => ({
  result: {
    success,
    response_status: status ?? undefined,
    response_body: status === null ? undefined : text,
    error_message: problem ?? undefined,
  },
});

const readId = (fields: Fields) => fields.neededText('webhook_id');

/** Calls about webhooks: who is told what happens to models. */
export const webhookCalls: readonly Call[] = [
  defineCall({
    methods: ['POST'],
    path: 'webhooks',
    may: 'automation:write',
    parse: (fields) => ({
      ...readChange(fields),
      name: fields.neededText('name'),
      url: fields.neededText('url'),
      topics: readTopics(fields),
    }),
    run: ({ rooms, context, request }) => rooms.subscriptions.subscribe(context, request),
    present: answerWebhook,
    makes: { kind: 'subscription', find: ({ subscriptions }, id) => subscriptions.subscription(id) },
  }),
  defineCall({
    methods: ['GET'],
    path: 'webhooks',
    may: 'automation:read',
    parse: (fields) => readPage(fields, { standard: 100, max: 1_000 }),
    run: ({ rooms, request }) => rooms.subscriptions.subscriptions(request),
    present: ({ items, nextPageToken }) => ({
      webhooks: unlessEmpty(items.map(presentWebhook)),
      next_page_token: presentToken(nextPageToken),
    }),
  }),
  defineCall({
    methods: ['GET'],
    path: 'webhooks/:webhook_id',
    may: 'automation:read',
    parse: readId,
    run: ({ rooms, request }) => rooms.subscriptions.subscription(request),
    present: answerWebhook,
  }),
  defineCall({
    methods: ['PATCH'],
    path: 'webhooks/:webhook_id',
    may: 'automation:write',
    parse: (fields) => ({ id: readId(fields), change: readChange(fields) }),
    run: ({ rooms, context, request: { id, change } }) => rooms.subscriptions.changeSubscription(context, id, change),
    present: answerWebhook,
  }),
  defineCall({
    methods: ['DELETE'],
    path: 'webhooks/:webhook_id',
    may: 'automation:write',
    parse: readId,
    run: ({ rooms, context, request }) => rooms.subscriptions.unsubscribe(context, request),
  }),
  defineCall({
    methods: ['POST'],
    path: 'webhooks/:webhook_id/test',
    may: 'automation:write',
    parse: (fields) => {
      const event = fields.message('event');
      return { id: readId(fields), topic: event && readTopic(event) };
    },
    run: ({ rooms, request: { id, topic } }) => rooms.subscriptions.testSubscription(id, topic),
    present: presentTest,
  }),
];
