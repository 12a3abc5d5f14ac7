import { createHash } from 'node:crypto';
import { canonicalJson } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';
import { checkGates } from './gates/gate-rules.js';
import type { ReleaseDeps } from './release-deps.js';
import { releaseErrors } from './release-errors.js';
import { policyDeclared, releaseClosed } from './release-events.js';
import { loadPolicy, payloadOf, saveRelease, subjectOf } from './release-record.js';
import type { ReleasePolicy, ReleaseService } from './release-types.js';
import { checkRollout } from './rollout/rollout-rules.js';

type PolicyService = Pick<ReleaseService, 'declarePolicy' | 'policy' | 'policies'>;

export function createPolicyService(deps: ReleaseDeps): PolicyService {
  const { db, store } = deps;
  return {
    policy: (endpoint) => loadPolicy(deps, endpoint),
    policies: () => store.policies(db),
    declarePolicy: async (context, endpoint, content) => {
      const problems = [...checkGates(content.gates), ...checkRollout(content.rollout)];
      if (problems.length > 0) {
        throw releaseErrors.REL_POLICY_INVALID(`The policy of '${endpoint}': ${problems.join('; ')}.`, {
          data: { problems },
        });
      }
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
    const open = await store.releases(tx, {
      endpoint,
      states: ['testing', 'awaiting-approval', 'approved'],
      limit: 100,
    });
    for (const release of open) {
      const closed = await saveRelease(deps, tx, {
        release,
        change: { state: 'superseded', waitingFor: null, endedBecause: 'the release policy changed' },
      });
      const payload = { ...payloadOf(closed), reason: 'the release policy changed' };
      tx.record(releaseClosed.of(subjectOf(closed), payload, { before: release.state, after: closed.state }));
    }
  });
}
