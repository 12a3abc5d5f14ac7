import type { ModelSignature } from '../../training/index.js';
import type { BanditArm, OtherArm, Release } from '../release-types.js';
import type { BanditSpec } from './rollout-types.js';

/** The most versions that one bandit serves: each keeps a model in memory, and a hundred would each learn nothing. */
const MOST_VERSIONS = 10;

interface Taking {
  readonly candidate: number;
  readonly live: number;
  /** Versions beside these two. */
  readonly arms: readonly number[];
}

/** What is wrong with the versions of a bandit together, in words, or null. */
export function armsProblem({ floor }: Pick<BanditSpec, 'floor'>, { candidate, live, arms }: Taking): string | null {
  const taking = [candidate, live, ...arms];
  const twice = arms.find((version, i) => taking.indexOf(version) !== i + 2);
  if (twice !== undefined) {
    const as = twice === candidate ? ' as the candidate' : twice === live ? ' as the live version' : '';
    return `version ${twice} takes part already${as}`;
  }
  if (taking.length > MOST_VERSIONS) return `${taking.length} versions are more than ${MOST_VERSIONS}`;
  return floorProblem(floor, taking.length);
}

/** Null when `floor` leaves a share for each of so many versions. */
export function floorProblem(floor: number, versions: number): string | null {
  if (floor <= 1 / versions) return null;
  return `the floor of ${versions === 2 ? 'two' : versions} versions is at most ${Math.floor(1e4 / versions) / 1e4}, got ${floor}`;
}

/**
 * Why a version cannot answer the requests that the candidate answers, in words, or null: it must know each of its columns, read no
 * other, refuse no cell that the candidate takes, and give the same kind of answers.
 */
export function signatureProblem(candidate: ModelSignature, arm: ModelSignature): string | null {
  if (arm.task !== candidate.task) return `its task is ${arm.task}, not ${candidate.task}`;
  const labels = (signature: ModelSignature) => [...signature.labels].sort().join(', ');
  if (labels(arm) !== labels(candidate)) {
    return `its labels are ${labels(arm) || 'none'}, not ${labels(candidate) || 'none'}`;
  }
  const known = new Set([...arm.inputs.map(({ name }) => name), ...arm.contextColumns]);
  const sent = [...candidate.inputs.map(({ name }) => name), ...candidate.contextColumns];
  const unknown = sent.find((name) => !known.has(name));
  if (unknown !== undefined) return `it does not know the column ${unknown}`;
  for (const { name, type, nullable } of arm.inputs) {
    const given = candidate.inputs.find((input) => input.name === name);
    if (given === undefined) return `it reads the column ${name}, which the candidate does not`;
    if (given.type !== type && !(given.type === 'integer' && type === 'number')) {
      return `its column ${name} is ${type}, not ${given.type}`;
    }
    if (given.nullable && !nullable) return `it takes no missing value in the column ${name}`;
  }
  return null;
}

/** Those of the further arms that no guardrail has taken out. */
export function inPlay(others: readonly OtherArm[] | undefined): OtherArm[] {
  return others?.filter(({ takenOut }) => takenOut === undefined) ?? [];
}

/** Shares without those in `out`, whose part the others get in proportion to their own. */
export function sharesWithout(
  { weight, others }: { readonly weight: number; readonly others: readonly Pick<OtherArm, 'version' | 'weight'>[] },
  out: readonly number[],
): { readonly weight: number; readonly others: ReadonlyMap<number, number> } {
  const staying = others.filter(({ version }) => !out.includes(version));
  const lost = others.reduce((sum, arm) => sum + (out.includes(arm.version) ? arm.weight : 0), 0);
  // Without a floor somebody may have had everything.
  const scale = (share: number) => (lost < 1 - 1e-9 ? share / (1 - lost) : 1 / (staying.length + 2));
  return { weight: scale(weight), others: new Map(staying.map((arm) => [arm.version, scale(arm.weight)])) };
}

/** What a reading of the rewards says of one arm; `version` is that of a further one. */
interface SeenArm {
  readonly role: BanditArm['role'];
  readonly version?: number;
  readonly observed: number;
  readonly best: number;
}

/** Every version of a bandit with its share; empty of other rollouts. */
export function banditArms({
  id,
  version: candidate,
  rollout,
}: Pick<Release, 'id' | 'version' | 'rollout'>): BanditArm[] {
  if (rollout?.spec.kind !== 'bandit') return [];
  const { weight, others = [], stableVersion, guardrails, winner, experiment } = rollout;
  const seen = (experiment?.arms ?? []) as readonly SeenArm[];
  const arm = (role: BanditArm['role'], version: number, share: number): BanditArm => {
    const found = seen.find((one) => one.role === role && (role !== 'other' || one.version === version));
    return {
      ...{ version, role, share: winner === undefined ? share : Number(version === winner) },
      ...{ rewards: found?.observed ?? null, best: found?.best ?? null },
      ...{ guardrails: [], takenOut: null, releaseId: null },
    };
  };
  const rest = others.reduce((left, { weight: share }) => left - share, 1 - weight);
  return [
    { ...arm('candidate', candidate, weight), guardrails, releaseId: id },
    ...(stableVersion === undefined ? [] : [arm('stable', stableVersion, Math.max(0, rest))]),
    ...others.map(({ version, weight: share, guardrails: own, takenOut = null, releaseId }) => ({
      ...arm('other', version, share),
      ...{ guardrails: own, takenOut, releaseId },
    })),
  ];
}
