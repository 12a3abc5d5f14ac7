import type { RecordedEvent } from '@fairlead/kernel';
import { aliasSet, modelCreated, versionRegistered, versionTagged } from '../../registry/index.js';
import type { Notice, NoticeFacts, Topic } from './subscription-types.js';

/** Types of events that subscribers are told of. */
export const NOTICED: readonly string[] = [modelCreated, versionRegistered, versionTagged, aliasSet].map(
  ({ type }) => type,
);

/** What an event of the registry means to subscribers; nothing for others. */
export function noticesOf(event: RecordedEvent): Notice[] {
  const notice = (topic: Topic, facts: NoticeFacts): Notice => ({ topic, facts, atMs: event.atMs });
  if (modelCreated.is(event)) {
    const { description, tags } = recordIn(event.after);
    const facts = { model: event.payload.model, description: textOf(description), tags: textsOf(tags) };
    return [notice('model.created', facts)];
  }
  if (versionRegistered.is(event)) {
    const { model, version, trackingRunId } = event.payload;
    const { source, description, tags } = recordIn(event.after);
    const texts = { source: textOf(source), description: textOf(description), tags: textsOf(tags) };
    return [notice('version.created', { model, version, runId: trackingRunId, ...texts })];
  }
  if (aliasSet.is(event)) {
    const { model, alias, version } = event.payload;
    return [
      version === null ? notice('alias.removed', { model, alias }) : notice('alias.set', { model, alias, version }),
    ];
  }
  return versionTagged.is(event) ? tagNotices(event, notice) : [];
}

function tagNotices(
  { payload, before, after }: RecordedEvent & { payload: { model: string; version: number } },
  notice: (topic: Topic, facts: NoticeFacts) => Notice,
): Notice[] {
  const { model, version } = payload;
  const [was, is] = [textsOf(before), textsOf(after)];
  const set = Object.keys(is).filter((key) => !Object.hasOwn(was, key) || was[key] !== is[key]);
  const removed = Object.keys(was).filter((key) => !Object.hasOwn(is, key));
  return [
    ...set.map((key) => notice('version-tag.set', { model, version, key, value: is[key] ?? '' })),
    ...removed.map((key) => notice('version-tag.removed', { model, version, key })),
  ];
}

/** For trying a subscription out. */
export function exampleOf(topic: Topic, atMs: number): Notice {
  const model = 'example_model';
  const tag = { model, version: 1, key: 'example_key', value: 'example_value' };
  const described = { tags: { example_key: 'example_value' }, description: 'An example' };
  const facts: Readonly<Record<Topic, NoticeFacts>> = {
    'model.created': { model, ...described },
    'version.created': { model, version: 1, source: 'logged-model:example', runId: 'example', ...described },
    'version-tag.set': tag,
    'version-tag.removed': tag,
    'alias.set': { model, version: 1, alias: 'example_alias' },
    'alias.removed': { model, alias: 'example_alias' },
  };
  return { topic, facts: facts[topic], atMs };
}

function recordIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function textsOf(value: unknown): Record<string, string> {
  const texts = Object.entries(recordIn(value)).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return Object.fromEntries(texts);
}
