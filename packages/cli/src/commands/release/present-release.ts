import type { ReleaseView } from '@fairlead/contracts';
import type { Session } from '../../define-command.js';
import { formatNumber, formatRatio, formatTime, formatWhen, shortDigest } from '../../terminal/format.js';
import { GAP, printFacts, printTable } from '../../terminal/print-table.js';
import type { Style } from '../../terminal/style.js';
import { environmentFlag } from '../serving/environment-flag.js';
import { presentExperiment } from './present-experiment.js';

type Gate = ReleaseView['gates'][number];

const PAINTED: Readonly<Record<string, 'green' | 'red' | 'yellow'>> = {
  released: 'green',
  approved: 'green',
  'awaiting-approval': 'yellow',
  'rolling-out': 'yellow',
  testing: 'yellow',
  'gates-failed': 'red',
  rejected: 'red',
  expired: 'red',
  failed: 'red',
  'rolled-back': 'red',
};

export function paintReleaseState(state: string, style: Style): string {
  const paint = PAINTED[state];
  return paint === undefined ? state : style[paint](state);
}

/** Shows a release to people or programs. */
export const showRelease = (session: Session, release: ReleaseView) =>
  session.show(release, () => presentRelease(release, shownIn(session)));

export const shownIn = ({ style, io, client }: Session): Shown => ({ style, nowMs: io.nowMs(), url: client.url });

interface Shown {
  readonly style: Style;
  readonly nowMs: number;
  /** Of the server, whose page of the release is named. */
  readonly url: string;
}

/** A release with its gates, signatures and rollout, and what to do next. */
export function presentRelease(release: ReleaseView, { style, nowMs, url }: Shown): string[] {
  const { signatures, rollout } = release;
  return [
    printFacts({
      release: release.id,
      endpoint: release.endpoint,
      environment: release.environment,
      'model version': `${release.model}/${release.version} (${shortDigest(release.modelDigest)})`,
      state: paintReleaseState(release.state, style),
      'waiting for': release.waitingFor,
      requested: `${formatWhen(release.createdAtMs, nowMs)} by ${release.requestedBy}: ${release.reason}`,
      policy: shortDigest(release.policyDigest),
      'gate report': shortDigest(release.gateReportDigest),
      'ended because': release.endedBecause,
      rollout: rollout && `${shareOf(rollout)}; ${rollout.note}`,
      experiment: presentExperiment(rollout?.experiment),
      paused:
        rollout?.paused == null
          ? null
          : `${formatWhen(rollout.paused.sinceMs, nowMs)} by ${rollout.paused.by}: ${rollout.paused.reason}`,
      page: `${url}/releases/${release.id}`,
    }),
    ...gateTable('gate', release.gates, style),
    ...waiverTable(release),
    ...gateTable('guardrail', rollout?.guardrails ?? [], style),
    ...armTable(rollout?.arms, style),
    ...(signatures.length === 0
      ? []
      : [
          GAP,
          printTable(
            ['signed by', 'role', 'meaning', 'comment', 'when'],
            signatures.map(({ person, role, meaning, comment, atMs }) => [
              person,
              role,
              meaning,
              comment,
              formatTime(atMs),
            ]),
          ),
        ]),
    ...nextSteps(release),
  ];
}

/** `canary, 20 % of the requests`. */
function shareOf({ spec, weight, arms = [], winner }: NonNullable<ReleaseView['rollout']>): string {
  if (arms.length > 2) return `${spec.kind} of ${arms.length} versions${winner === undefined ? '' : ` that ended`}`;
  return `${spec.kind}, ${spec.kind === 'shadow' ? 'a copy of every request' : `${formatRatio(weight)} of the requests`}`;
}

const ROLES = { candidate: 'candidate', stable: 'stable version', other: 'arm' } as const;

/** Every version of a bandit: its share is its propensity. */
function armTable(arms: NonNullable<ReleaseView['rollout']>['arms'], style: Style): string[] {
  if (arms === undefined) return [];
  const rows = arms.map(({ version, role, share, rewards, best, guardrails, takenOut }) => [
    ...[`version ${version}`, ROLES[role], formatRatio(share)],
    ...[rewards === null ? '' : String(rewards), best === null ? '' : formatNumber(best)],
    takenOut !== null ? style.red(`taken out: ${takenOut.reason}`) : role === 'stable' ? '' : verdictsOf(guardrails),
  ]);
  return [GAP, printTable(['arm', 'as', 'share>', 'rewards>', 'best with>', 'guardrails'], rows)];
}

/** `3 pass`, `1 fail, 2 pass`. */
function verdictsOf(guardrails: readonly Gate[]): string {
  const counts = (['fail', 'insufficient', 'pass'] as const)
    .map((verdict) => [guardrails.filter((rail) => rail.verdict === verdict).length, verdict] as const)
    .filter(([count]) => count > 0);
  return counts.map(([count, verdict]) => `${count} ${verdict}`).join(', ');
}

const VERDICT_PAINT = { pass: 'green', fail: 'red', insufficient: 'yellow' } as const;

function gateTable(title: string, gates: readonly Gate[], style: Style): string[] {
  if (gates.length === 0) return [];
  return [
    GAP,
    printTable(
      [title, 'verdict', 'observed', 'required'],
      gates.map((gate) => [gate.title, style[VERDICT_PAINT[gate.verdict]](gate.verdict), gate.observed, gate.required]),
    ),
  ];
}

function waiverTable({ gates, waivers = [] }: ReleaseView): string[] {
  if (waivers.length === 0) return [];
  const rows = waivers.map(({ gate, kind, person, role, reason, expiresAtMs }) => [
    ...[gates[gate]?.title ?? kind, person, role, reason, formatTime(expiresAtMs)],
  ]);
  return [GAP, printTable(['waived', 'by', 'role', 'reason', 'until'], rows)];
}

/** The commands that carry on from where the release stands. */
export function nextSteps(release: ReleaseView): string[] {
  const { id, state, endpoint, environment, waitingFor, rollout, armOf } = release;
  const place = environmentFlag(environment);
  if (armOf != null) return [`next: fairlead release wait ${armOf} --for released`];
  if (state === 'testing') return [`next: fairlead release wait ${id}`];
  if (state === 'awaiting-approval') {
    // TOKEN: of a person in that role. "2 signatures: 1 qa, 1 product-owner": the first one missing is the next one to ask.
    const role = /: [0-9]+ ([a-z-]+)/.exec(waitingFor ?? '')?.[1] ?? 'qa';
    return [`next: fairlead release sign ${id} --role ${role} --token "$TOKEN"`];
  }
  if (state === 'approved') return [`next: fairlead release rollout ${id}`];
  // It says who may waive a gate, if anybody.
  if (state === 'gates-failed') return [`next: fairlead release policy ${endpoint}${place}`];
  if (state === 'rolling-out') return [nextOfRollout(id, rollout)];
  if (state === 'released') return [`next: fairlead endpoint show ${endpoint}${place}`];
  return [];
}

/** Some rollouts go on by themselves; others wait for a person. */
function nextOfRollout(id: string, rollout: ReleaseView['rollout']): string {
  if (rollout?.paused != null) return `next: fairlead release resume ${id}`;
  const byHand = rollout?.spec.kind === 'shadow' || rollout?.spec.advance === 'manual';
  return byHand ? `next: fairlead release promote ${id}` : `next: fairlead release wait ${id} --for released`;
}
