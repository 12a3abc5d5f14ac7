import { createHmac } from 'node:crypto';
import type { Notice, WriteNotice } from '../../rooms/automation/index.js';
import { showSource } from './model-source.js';
import { eventOf } from './webhook-words.js';

/**
 * A notice as MLflow's webhooks carry it: the event in the body, delivery and time in headers, and over all of it the base64 of
 * an HMAC-SHA256 of `delivery.seconds.body`.
 */
export const writeMlflowNotice: WriteNotice = (notice, { id, nowMs, secret }) => {
  const body = JSON.stringify({
    ...eventOf(notice.topic),
    timestamp: new Date(notice.atMs).toISOString(),
    data: dataOf(notice),
  });
  const seconds = String(Math.floor(nowMs / 1_000));
  const headers = { 'X-MLflow-Delivery-Id': id, 'X-MLflow-Timestamp': seconds };
  if (secret === null || secret === '') return { body, headers };
  const mac = createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64');
  return { body, headers: { ...headers, 'X-MLflow-Signature': `v1,${mac}` } };
};

function dataOf({ topic, facts }: Notice): object {
  const { model: name, source = '', runId, description = '', tags = {}, key, value, alias } = facts;
  const version = String(facts.version);
  switch (topic) {
    case 'model.created':
      return { name, tags, description: description || null };
    case 'version.created':
      return {
        ...{ name, version, source: showSource(source), run_id: runId ?? null },
        ...{ tags, description: description || null },
      };
    case 'version-tag.set':
      return { name, version, key, value };
    case 'version-tag.removed':
      return { name, version, key };
    case 'alias.set':
      return { name, alias, version };
    case 'alias.removed':
      return { name, alias };
  }
}
