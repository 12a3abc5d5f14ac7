import type { RecordedEvent } from '@fairlead/kernel';
import type { ActionRun } from '../automation-types.js';

/**
 * The JSON text of a notification: `type`, `timestamp` and `data` as Standard Webhooks recommends. The event goes with its
 * payload (an alert's holds title and evidence), not with the states before and after, which are for the audit log.
 */
export function webhookBody({
  run,
  event,
  baseUrl,
}: {
  run: ActionRun;
  event: RecordedEvent;
  baseUrl: string;
}): string {
  const { seq, id, type, atMs, subject, outcome, payload, actor } = event;
  return JSON.stringify({
    type,
    timestamp: new Date(atMs).toISOString(),
    data: {
      rule: run.rule,
      actionRunId: run.id,
      event: { seq, id, type, atMs, subject, outcome, payload, actor: { kind: actor.kind, id: actor.id } },
      links: linksOf(event, baseUrl.replace(/\/$/, '')),
    },
  });
}

function linksOf({ subject, payload }: RecordedEvent, base: string): Record<string, string> {
  const facts = (typeof payload === 'object' && payload !== null ? payload : {}) as Readonly<Record<string, unknown>>;
  const part = (value: unknown) => encodeURIComponent(String(value));
  const { alertId, endpoint, model, version } = facts;
  return {
    audit: `${base}/api/v1/audit?subjectKind=${part(subject.kind)}&subjectId=${part(subject.id)}`,
    ...(typeof alertId === 'string' && { alert: `${base}/api/v1/alerts/${part(alertId)}` }),
    ...(typeof endpoint === 'string' && { endpoint: `${base}/api/v1/endpoints/${part(endpoint)}` }),
    ...(typeof model === 'string' &&
      typeof version === 'number' && { report: `${base}/api/v1/models/${part(model)}/versions/${version}/report` }),
  };
}
