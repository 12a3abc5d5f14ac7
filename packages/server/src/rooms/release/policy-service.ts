import { createHash } from 'node:crypto';
import { canonicalJson } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';
import { checkPolicy } from './check-policy.js';
import { PRODUCTION, type ReleaseDeps } from './release-deps.js';
import { policyDeclared } from './release-events.js';
import { loadPolicy } from './release-record.js';
import type { ReleasePolicy, ReleaseService } from './release-types.js';
import { supersedeOutdated } from './supersede-releases.js';

type PolicyService = Pick<ReleaseService, 'declarePolicy' | 'policy' | 'policies'>;

export function createPolicyService(deps: ReleaseDeps): PolicyService {
  const { db, store } = deps;
  return {
    policy: (endpoint, environment = PRODUCTION) => loadPolicy(deps, { endpoint, environment }),
    policies: () => store.policies(db),
    declarePolicy: async (context, endpoint, content) => {
      checkPolicy(`'${endpoint}'`, content);
      const digest = createHash('sha256')
        .update(canonicalJson({ endpoint, ...content }))
        .digest('hex');
      const policy: ReleasePolicy = { endpoint, ...content, digest };
      const before = await store.policy(db, endpoint);
      if (before?.digest === digest) return { policy: before, changed: false };
      await save(deps, context, { policy, before });
      return { policy, changed: true };
    },
  };
}

/** A changed policy closes whatever was asked for under the former one: its gates and signatures meant other rules. */
async function save(
  deps: ReleaseDeps,
  context: ChangeContext,
  { policy, before }: { policy: ReleasePolicy; before: ReleasePolicy | undefined },
): Promise<void> {
  const { db, store, clock } = deps;
  await db.transact(context, async (tx) => {
    await store.savePolicy(tx, policy, clock.nowMs());
    const { endpoint, digest } = policy;
    tx.record(policyDeclared.of({ kind: 'endpoint', id: endpoint }, { endpoint, digest }, { before, after: policy }));
    await supersedeOutdated(deps, tx, { endpoint, reason: 'the release policy changed' });
  });
}
