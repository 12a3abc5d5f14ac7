import { digestOf } from '../gates/gate-report.js';
import { PRODUCTION, TEST } from '../release-deps.js';
import type { ReleasePolicy } from '../release-types.js';
import type { Environment } from './environment-types.js';

/** Those that every server has, until they are declared otherwise. */
export const BUILT_IN: readonly Environment[] = [
  { name: TEST, description: 'Gates run here.', approval: 'none', policy: {} },
  { name: PRODUCTION, description: 'What users are answered by.', approval: 'required', policy: {} },
];

/** The policy of an endpoint as it holds in an environment; its digest is part of every signature there. */
export function policyIn(policy: ReleasePolicy, { name, policy: own }: Environment): ReleasePolicy {
  // Where nothing differs the digest stays that of the endpoint, so that signatures of older servers hold in production.
  if (name === PRODUCTION && Object.keys(own).length === 0) return policy;
  const { endpoint, digest: _, ...content } = { ...policy, ...own };
  return { endpoint, ...content, digest: digestOf({ endpoint, environment: name, ...content }) };
}

/** Why a declaration is refused, in words, or null. `before`: what it would change. */
export function environmentProblem(
  { name, approval, policy }: Environment,
  before: Environment | undefined,
): string | null {
  if (name === TEST) return 'test is where gates run: it is not declared';
  if (name === PRODUCTION && approval === 'none') return 'production always needs an approval';
  if (before?.approval === 'required' && approval === 'none') {
    return 'the approval that an environment needs is not taken away again: declare another one';
  }
  if (approval === 'none' && Object.keys(policy).length > 0) return 'a policy without approval would say nothing';
  return null;
}
