import { type Html, html } from '../../../../platform/http/index.js';
import type { GateResult, Release, ReleasePolicy } from '../../../release/index.js';
import { formatNumber, formatRatio, formatTime } from '../format-values.js';
import { digest, factList, missing, pill, section, table, verdictPill } from '../page-parts.js';
import type { ReportFacts } from '../report-facts.js';

/** Every attempt to bring the version to production with its gates. */
export function gatesSection({ releases, policies }: ReportFacts): Html {
  if (releases.length === 0)
    return section('gates', 'Gates', missing('Nobody has asked for a release of this version.'));
  return section(
    'gates',
    'Gates',
    html`${releases.map(
      (release) =>
        html`<h3>Release to ${release.endpoint}, asked for ${formatTime(release.createdAtMs)}</h3>${factList([
          ['State', pill(tone(release), release.state)],
          ['Asked for by', `${release.requestedBy}: ${release.reason}`],
          ['Waits for', release.waitingFor ?? 'nothing'],
          ['Ended because', release.endedBecause ?? '—'],
          ['Gate report', digest(release.gateReportDigest)],
        ])}${release.gates.length === 0 ? missing('No gate was decided.') : gateTable('Gates', release.gates)}${waiverTable(release)}`,
    )}${policies.map(policyFacts)}`,
  );
}

function waiverTable({ waivers = [] }: Release): Html {
  if (waivers.length === 0) return html``;
  return table(
    'Waivers',
    ['Gate', 'Person', 'Role', 'Reason', 'Given', 'Until', 'Over'],
    waivers.map(({ kind, person, role, reason, atMs, expiresAtMs, over }) => [
      ...[kind, person, role, reason, formatTime(atMs), formatTime(expiresAtMs)],
      html`<code class="full">${over}</code>`,
    ]),
  );
}

function tone({ state }: Release): 'good' | 'bad' | 'warn' | 'plain' {
  if (state === 'released') return 'good';
  if (state === 'superseded' || state === 'withdrawn' || state === 'testing') return 'plain';
  return ['gates-failed', 'rejected', 'expired', 'rolled-back', 'failed'].includes(state) ? 'bad' : 'warn';
}

export function gateTable(caption: string, gates: readonly GateResult[]): Html {
  return table(
    caption,
    ['Gate', 'Verdict', 'Observed', 'Required'],
    gates.map((gate) => [gate.title, verdictPill(gate.verdict), gate.observed, gate.required]),
  );
}

function policyFacts({ endpoint, approval, rollout, waivers, digest: policyDigest }: ReleasePolicy): Html {
  const asked = approval.required.map(({ role, count }) => `${count} ${role}`).join(', ');
  return html`<h3>Policy of ${endpoint} as it is now</h3>${factList([
    ['Signatures asked for', asked || 'none'],
    ['Authors may sign', approval.excludeAuthor ? 'no' : 'yes'],
    ['Gates may be waived by', waivers === undefined ? 'nobody' : waivers.roles.join(', ')],
    ['An approval lasts', `${formatNumber(approval.expiresAfterHours)} hours`],
    [
      'Rollout',
      rollout.kind === 'canary'
        ? `canary: ${rollout.steps.map(({ weight }) => formatRatio(weight)).join(', ')}`
        : rollout.kind,
    ],
    ['Digest', digest(policyDigest)],
  ])}`;
}

/** Who gave their name for or against exactly these bytes. */
export function signaturesSection({ releases }: ReportFacts): Html {
  const rows = releases.flatMap((release) =>
    release.signatures.map((signature) => [
      signature.person,
      signature.role,
      pill(signature.meaning === 'approved' ? 'good' : 'bad', signature.meaning),
      signature.comment === '' ? html`<span class="missing">no comment</span>` : signature.comment,
      formatTime(signature.atMs),
      release.endpoint,
      html`<code class="full">${signature.over}</code>`,
    ]),
  );
  if (rows.length === 0) return section('signatures', 'Signatures', missing('Nobody has signed this version.'));
  return section(
    'signatures',
    'Signatures',
    html`<p>A signature stands over the digests of model, gate report and policy together; a change of any of them voids it.</p>${table('Signatures', ['Person', 'Role', 'Word', 'Comment', 'When', 'Endpoint', 'Signed over'], rows)}`,
  );
}
