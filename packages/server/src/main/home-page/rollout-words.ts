import type { Release, RolloutSpec } from '../../rooms/release/index.js';
import { percent } from './words.js';

const NAMES: Readonly<Record<RolloutSpec['kind'], string>> = {
  'all-at-once': 'All at once',
  canary: 'Canary',
  'blue-green': 'Blue-green',
  shadow: 'Shadow',
  'ab-test': 'A/B test',
  bandit: 'Bandit',
};

/** `Canary, 20 % of the requests`; a shadow answers nobody. */
export function rolloutWords({ spec, weight }: NonNullable<Release['rollout']>): string {
  const share = weight === 0 ? 'a copy of every request' : `${percent(weight)} of the requests`;
  return `${NAMES[spec.kind]}, ${share}`;
}

/** Where a release goes: `rain`, or `rain in staging`. */
export function placeWords({ endpoint, environment }: Pick<Release, 'endpoint' | 'environment'>): string {
  return environment === 'production' ? endpoint : `${endpoint} in ${environment}`;
}
