import { banditArms, type Release, type RolloutSpec } from '../../rooms/release/index.js';
import { percent } from './words.js';

const NAMES: Readonly<Record<RolloutSpec['kind'], string>> = {
  'all-at-once': 'All at once',
  canary: 'Canary',
  'blue-green': 'Blue-green',
  shadow: 'Shadow',
  'ab-test': 'A/B test',
  bandit: 'Bandit',
};

/** `Canary, 20 % of the requests`; a shadow answers nobody, and of a bandit of many versions each is named. */
export function rolloutWords(release: Release, { spec, weight }: NonNullable<Release['rollout']>): string {
  const arms = banditArms(release);
  if (arms.length > 2) {
    const shares = arms.map((arm) => `v${arm.version} ${arm.takenOut === null ? percent(arm.share) : 'taken out'}`);
    return `${NAMES[spec.kind]} of ${arms.length} versions (${shares.join(', ')})`;
  }
  const share = spec.kind === 'shadow' ? 'a copy of every request' : `${percent(weight)} of the requests`;
  return `${NAMES[spec.kind]}, ${share}`;
}

/** Where a release goes: `rain`, or `rain in staging`. */
export function placeWords({ endpoint, environment }: Pick<Release, 'endpoint' | 'environment'>): string {
  return environment === 'production' ? endpoint : `${endpoint} in ${environment}`;
}
