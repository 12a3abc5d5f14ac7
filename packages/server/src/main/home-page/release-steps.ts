import type { Release, ReleasePolicy } from '../../rooms/release/index.js';

/** Something that a person can do with a release now. */
export interface ReleaseStep {
  readonly what: string;
  /** Who may. */
  readonly who: string;
  /** One line of a shell. */
  readonly command: string;
}

export interface StepsOf {
  readonly release: Release;
  /** As it holds now; null: it was removed. */
  readonly policy: ReleasePolicy | null;
  /** Who asked for the release or registered the version. */
  readonly authors: readonly string[];
}

/** What can be done now, by whom, and how; empty when nothing waits for a person. */
export function releaseSteps(of: StepsOf): ReleaseStep[] {
  const { release } = of;
  switch (release.state) {
    case 'awaiting-approval':
      return signatureSteps(of);
    case 'gates-failed':
      return waiverSteps(of);
    case 'approved':
      // Who takes part in a bandit is served already.
      return release.armOf != null ? [] : [step('Start the rollout', DEPLOYERS, `rollout ${release.id}`)];
    case 'rolling-out':
      return rolloutSteps(release);
    case 'released':
      return [
        step(
          'Go back to the version before',
          'whoever may roll back',
          `rollback ${release.endpoint}${place(release)}${REASON}`,
        ),
      ];
    default:
      return [];
  }
}

const DEPLOYERS = 'whoever may deploy';
const REASON = ' --reason "…"';

function step(what: string, who: string, command: string): ReleaseStep {
  return { what, who, command: `fairlead release ${command}` };
}

const place = ({ environment }: Release) => (environment === 'production' ? '' : ` --environment ${environment}`);

function signatureSteps({ release, policy, authors }: StepsOf): ReleaseStep[] {
  if (policy === null) return [];
  const { required, excludeAuthor } = policy.approval;
  const barred = excludeAuthor ? authors : [];
  const but = barred.length === 0 ? '' : `, but not ${barred.join(' or ')}`;
  const signers = required.filter(
    ({ role, count }) =>
      release.signatures.filter((signature) => signature.role === role && signature.meaning === 'approved').length <
      count,
  );
  const sign = (role: string, more: string) =>
    `sign ${release.id} --role ${role}${more} --comment "…" --token "$TOKEN"`;
  return [
    ...signers.map(({ role }) => step(`Sign as ${role}`, `a person with the role ${role}${but}`, sign(role, ''))),
    ...signers.slice(0, 1).map(({ role }) => step('Or sign against it', 'the same people', sign(role, ' --reject'))),
  ];
}

function waiverSteps({ release, policy, authors }: StepsOf): ReleaseStep[] {
  const waivers = policy?.waivers;
  const [role] = waivers?.roles ?? [];
  if (waivers === undefined || role === undefined) return [];
  const who = `a person with the role ${waivers.roles.join(' or ')}, but not ${authors.join(' or ')}`;
  return release.gates.flatMap(({ kind, title, verdict }, index) => {
    const waived = release.waivers?.some(({ gate }) => gate === index) ?? false;
    if (verdict === 'pass' || waived || waivers.never.some((never) => never === kind)) return [];
    const several = release.gates.filter((gate) => gate.kind === kind).length > 1;
    const which = `--gate ${kind}${several ? ` --place ${index + 1}` : ''}`;
    const command = `waive ${release.id} ${which} --role ${role} --for 7d${REASON} --token "$TOKEN"`;
    return [step(`Waive “${title}”`, who, command)];
  });
}

function rolloutSteps(release: Release): ReleaseStep[] {
  const { id, endpoint, rollout } = release;
  const canary = rollout?.spec.kind === 'canary';
  const paused = rollout?.paused != null;
  return [
    paused
      ? step('Let it go on', DEPLOYERS, `resume ${id}`)
      : step('Stop it where it is', DEPLOYERS, `pause ${id}${REASON}`),
    step(canary ? 'Take it to its next step' : 'Give it all requests', DEPLOYERS, `promote ${id}`),
    step('Take it back', 'whoever may roll back', `rollback ${endpoint}${place(release)}${REASON}`),
  ];
}
