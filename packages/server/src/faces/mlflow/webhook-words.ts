import type { Topic } from '../../rooms/automation/index.js';

/** What happened to what, as MLflow's webhooks say it. */
export interface WebhookEvent {
  readonly entity: string;
  readonly action: string;
}

const EVENTS: Readonly<Record<Topic, WebhookEvent>> = {
  'model.created': { entity: 'registered_model', action: 'created' },
  'version.created': { entity: 'model_version', action: 'created' },
  'version-tag.set': { entity: 'model_version_tag', action: 'set' },
  'version-tag.removed': { entity: 'model_version_tag', action: 'deleted' },
  'alias.set': { entity: 'model_version_alias', action: 'created' },
  'alias.removed': { entity: 'model_version_alias', action: 'deleted' },
};

export const eventOf = (topic: Topic): WebhookEvent => EVENTS[topic];

/** The topic of an event, in whatever case; undefined for what models do not have. */
export function topicOf({ entity, action }: WebhookEvent): Topic | undefined {
  const topics = Object.keys(EVENTS) as Topic[];
  return topics.find((topic) => {
    const event = EVENTS[topic];
    return event.entity === entity.toLowerCase() && event.action === action.toLowerCase();
  });
}

/** All events by the words that clients send. */
export const eventWords = Object.values(EVENTS).map(({ entity, action }) => `${entity}.${action}`);
