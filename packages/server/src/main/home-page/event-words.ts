import type { RecordedEvent } from '@fairlead/kernel';

type Words = (p: Payload) => string;

/** A payload as it was stored: members of older versions may be missing, so everything is read as text. */
type Payload = (member: string) => string;

const versionOf = (p: Payload) => `${p('model')} v${p('version')}`;

const SENTENCES: Readonly<Record<string, Words>> = {
  'data.dataset-declared': (p) => `declared the dataset ${p('dataset')}`,
  'data.version-created': (p) => `created ${p('dataset')} version ${p('number')} with ${p('rows')} rows`,
  'data.delivery-refused': (p) =>
    `had a delivery of ${p('dataset')} refused: ${p('faultyRows')} of ${p('receivedRows')} rows broke the contract`,
  'data.delivery-unchanged': (p) => `delivered ${p('dataset')} again; nothing had changed`,
  'data.split-created': (p) => `split dataset version ${short(p('versionId'))}`,
  'tracking.experiment-created': (p) => `opened the experiment ${p('name')}`,
  'tracking.run-started': (p) => `started the run ${p('name')} of ${p('experiment')}`,
  'tracking.run-ended': (p) => `ended a run: ${p('status')}`,
  'tracking.experiment-updated': () => 'changed an experiment',
  'tracking.experiment-deleted': (p) => `deleted the experiment ${p('name')}`,
  'tracking.experiment-restored': (p) => `restored the experiment ${p('name')}`,
  'tracking.run-logged': () => 'logged parameters or tags of a run',
  'tracking.run-updated': () => 'changed a run',
  'tracking.run-deleted': () => 'deleted a run',
  'tracking.run-restored': () => 'restored a run',
  'tracking.run-purged': () => 'removed a run for good',
  'tracking.logged-model-purged': () => 'removed a logged model for good',
  'tracking.experiment-purged': (p) => `removed the experiment ${p('name')} for good`,
  'tracking.purged': (p) => `removed ${p('runs')} runs and ${p('experiments')} experiments for good`,
  'tracking.experiment-imported': (p) => `took over the experiment ${p('name')}`,
  'tracking.runs-imported': () => 'took over runs from another server',
  'tracking.logged-model-imported': (p) => `took over the logged model ${p('name')}`,
  'tracking.import-settled': () => 'deleted runs that were deleted where they came from',
  'governance.lineage-received': () => 'told where data came from',
  'governance.lineage-refused': () => 'sent lineage that was refused',
  'tracking.artifact-put': (p) => `attached ${p('path')} to a run`,
  'pipelines.pipeline-declared': (p) => `declared the pipeline ${p('pipeline')}`,
  'pipelines.run-started': (p) => `started the pipeline ${p('pipeline')} (${p('trigger')})`,
  'pipelines.run-resumed': (p) => `took the run of ${p('pipeline')} up again`,
  'pipelines.trigger-skipped': (p) => `started no second run of ${p('pipeline')}`,
  'pipelines.step-finished': (p) => `finished the step ${p('step')} of ${p('pipeline')}: ${p('state')}`,
  'pipelines.run-finished': (p) => `finished the run of ${p('pipeline')}: ${p('state')}`,
  'training.model-trained': (p) =>
    `trained ${p('experiment')}: ${p('trainer')} was the best of ${p('trials') === '1' ? '1 trial' : `${p('trials')} trials`}`,
  'training.run-reproduced': (p) => `did a run again: ${p('level')}`,
  'evaluation.report-created': (p) => `evaluated a model on ${p('rows')} rows against ${p('strongestBaseline')}`,
  'registry.version-registered': (p) => `registered ${versionOf(p)}`,
  'registry.alias-set': (p) =>
    `pointed ${p('alias')} of ${p('model')} at ${p('version') ? `v${p('version')}` : 'nothing'}`,
  'registry.version-tagged': (p) => `tagged ${versionOf(p)}`,
  'automation.subscription-changed': (p) => `changed the webhook ${p('name')}`,
  'automation.subscription-removed': (p) => `removed the webhook ${p('name')}`,
  'registry.version-described': (p) => `described ${versionOf(p)}`,
  'registry.version-deleted': (p) => `deleted ${versionOf(p)}`,
  'registry.version-examined': (p) => `found out whether ${versionOf(p)} can be served: ${p('servable')}`,
  'registry.stage-set': (p) => `moved ${versionOf(p)} to ${p('stage')}`,
  'registry.model-created': (p) => `created the model ${p('model')}`,
  'registry.model-changed': (p) => `changed the model ${p('model')}`,
  'registry.model-renamed': (p) => `renamed the model ${p('from')} to ${p('model')}`,
  'registry.model-deleted': (p) => `deleted the model ${p('model')}`,
  'registry.model-imported': (p) => `took over the model ${p('model')}`,
  'registry.card-edited': (p) => `wrote “${p('name')}” on the card of ${versionOf(p)}`,
  'serving.endpoint-declared': (p) => `declared the endpoint ${p('endpoint')}`,
  'serving.deployment-ready': (p) => `deployed ${versionOf(p)} to ${p('environment')}`,
  'serving.deployment-failed': (p) => `failed to deploy ${versionOf(p)} to ${p('environment')}`,
  'serving.deployment-retired': (p) => `retired ${versionOf(p)} from ${p('environment')}`,
  'serving.batch-scored': (p) => `answered ${p('rows')} rows of a file by ${versionOf(p)}`,
  'serving.stream-declared': (p) => `declared the stream ${p('stream')} of ${p('endpoint')}`,
  'serving.stream-removed': (p) => `removed the stream ${p('stream')} of ${p('endpoint')}`,
  'serving.routing-changed': (p) =>
    `changed the routing of ${p('endpoint')} in ${p('environment')} (revision ${p('revision')})`,
  'monitoring.monitor-declared': (p) => `declared the monitor ${p('monitor')}`,
  'monitoring.alert-opened': (p) => `opened an alert on ${p('endpoint')}: ${p('title')}`,
  'monitoring.alert-escalated': (p) => `raised the alert on ${p('endpoint')}: ${p('title')}`,
  'monitoring.alert-resolved': (p) => `resolved the alert on ${p('endpoint')}: ${p('title')}`,
  'monitoring.alert-acknowledged': () => 'acknowledged an alert',
  'monitoring.truth-posted': (p) =>
    `posted ground truth of ${p('endpoint')}: ${p('accepted')} new, ${p('corrected')} corrected`,
  'monitoring.rewards-posted': (p) =>
    `posted rewards of ${p('endpoint')}: ${p('accepted')} new, ${p('corrected')} corrected`,
  'release.policy-declared': (p) => `declared the release policy of ${p('endpoint')}`,
  'release.requested': (p) => `asked to release ${versionOf(p)}`,
  'release.gates-decided': (p) =>
    `decided the gates of ${versionOf(p)}: ${p('failed') ? `failed ${p('failed')}` : 'all passed'}`,
  'release.signed': (p) => `signed ${versionOf(p)} as ${p('role')}: ${p('meaning')}`,
  'release.signature-refused': (p) => `was not allowed to sign ${versionOf(p)} as ${p('role')}`,
  'release.environment-declared': (p) => `declared the environment ${p('environment')}`,
  'release.environment-removed': (p) => `removed the environment ${p('environment')}`,
  'release.gate-waived': (p) => `waived the gate ${p('gate')} of ${versionOf(p)}: ${p('reason')}`,
  'release.waiver-refused': (p) => `was not allowed to waive the gate ${p('gate')} of ${versionOf(p)}`,
  'release.rollout-moved': (p) => `moved ${versionOf(p)} to ${Math.round(Number(p('weight')) * 100)} % of the traffic`,
  'release.rollout-paused': (p) => `paused the rollout of ${versionOf(p)}: ${p('reason')}`,
  'release.rollout-resumed': (p) => `let the rollout of ${versionOf(p)} go on`,
  'release.released': (p) => `released ${versionOf(p)}`,
  'release.rolled-back': (p) => `rolled ${p('endpoint')} back to v${p('toVersion')}: ${p('reason')}`,
  'release.withdrawn': (p) => `withdrew ${versionOf(p)}: ${p('reason')}`,
  'release.closed': (p) => `closed the release of ${versionOf(p)}: ${p('reason')}`,
  'governance.report-stored': (p) => `stored the report of ${versionOf(p)}`,
  'automation.rule-declared': (p) => `declared the rule ${p('rule')}`,
  'automation.action-decided': (p) => `decided by rule ${p('rule')} to ${p('action')} ${p('target')}: ${p('state')}`,
  'automation.action-finished': (p) => `finished ${p('action')} ${p('target')} by rule ${p('rule')}: ${p('state')}`,
  'identity.roles-changed': () => 'changed the roles of a person',
  'identity.person-disabled': () => 'shut a person out',
  'identity.token-issued': (p) => `issued the token ${p('label')}`,
  'identity.token-revoked': () => 'revoked a token',
  'identity.access-denied': (p) => `tried ${p('action')} and was refused`,
  'job.failed': (p) => `gave up the background job ${p('kind')}`,
  'job.cancelled': (p) => `cancelled the background job ${p('kind')}`,
};

/** What an entry of the ledger says, in words, without its actor: `released rain v3`. Unknown types show as they are. */
export function describeEvent(event: RecordedEvent): string {
  const words = SENTENCES[event.type];
  if (words === undefined) return `${event.type} ${event.subject.kind} ${event.subject.id}`;
  const payload = Object(event.payload) as Readonly<Record<string, unknown>>;
  return words((member) => memberText(payload[member]));
}

function memberText(value: unknown): string {
  if (Array.isArray(value)) return value.map(memberText).join(', ');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return '';
}

function short(id: string): string {
  return id.slice(0, 10);
}
