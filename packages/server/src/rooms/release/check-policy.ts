import { checkGates } from './gates/gate-rules.js';
import { releaseErrors } from './release-errors.js';
import type { ReleasePolicy } from './release-types.js';
import { checkRollout } from './rollout/rollout-rules.js';

/** @throws REL_POLICY_INVALID */
export function checkPolicy(
  name: string,
  { gates = [], rollout }: Partial<Pick<ReleasePolicy, 'gates' | 'rollout'>>,
): void {
  const problems = [...checkGates(gates), ...(rollout === undefined ? [] : checkRollout(rollout))];
  if (problems.length === 0) return;
  throw releaseErrors.REL_POLICY_INVALID(`The policy of ${name}: ${problems.join('; ')}.`, { data: { problems } });
}
