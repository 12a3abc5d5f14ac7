import { canonicalJson, isName } from '@fairlead/kernel';
import type { ChangeContext } from '../../../platform/db/index.js';
import { checkPolicy } from '../check-policy.js';
import { type ReleaseDeps, TEST } from '../release-deps.js';
import { releaseErrors } from '../release-errors.js';
import { environmentDeclared, environmentRemoved } from '../release-events.js';
import { OPEN_STATES } from '../release-record.js';
import { supersedeOutdated } from '../supersede-releases.js';
import { listEnvironments, loadEnvironment } from './environment-record.js';
import { BUILT_IN, environmentProblem } from './environment-rules.js';
import type { Environment, EnvironmentService } from './environment-types.js';

export function createEnvironmentService(deps: ReleaseDeps): EnvironmentService {
  return {
    declareEnvironment: (context, environment) => declare(deps, context, environment),
    removeEnvironment: (context, name) => remove(deps, context, name),
    environments: () => listEnvironments(deps),
    environment: (name) => loadEnvironment(deps, name),
    needsApproval: async (name) => name !== TEST && (await loadEnvironment(deps, name)).approval === 'required',
  };
}

async function declare(
  deps: ReleaseDeps,
  context: ChangeContext,
  environment: Environment,
): Promise<{ environment: Environment; changed: boolean }> {
  const { db, store, clock, serving } = deps;
  const { name, approval, policy } = environment;
  const before = (await store.environment(db, name)) ?? BUILT_IN.find((one) => one.name === name);
  const problem = isName(name) ? environmentProblem(environment, before) : `it cannot be named ${name.slice(0, 100)}`;
  if (problem !== null) {
    throw releaseErrors.REL_ENVIRONMENT_INVALID(`Environment '${name.slice(0, 100)}': ${problem}.`, {
      data: { environment: name.slice(0, 100), problem },
    });
  }
  checkPolicy(`environment '${name}'`, policy);
  if (before !== undefined && canonicalJson(before) === canonicalJson(environment)) {
    return { environment: before, changed: false };
  }
  if (before?.approval === 'none' && approval === 'required') {
    const [ready] = await serving.deployments({ environment: name, state: 'ready' });
    if (ready !== undefined) {
      throw releaseErrors.REL_ENVIRONMENT_IN_USE(
        `Environment '${name}' serves what nobody approved: ${ready.endpoint}.`,
        {
          data: { environment: name, deploymentId: ready.id },
        },
      );
    }
  }
  await db.transact(context, async (tx) => {
    await store.saveEnvironment(tx, environment, clock.nowMs());
    const payload = { environment: name, approval };
    tx.record(environmentDeclared.of({ kind: 'environment', id: name }, payload, { before, after: environment }));
    await supersedeOutdated(deps, tx, { reason: `the policy of the environment ${name} changed` });
  });
  return { environment, changed: true };
}

/** Only one where nothing serves and nothing is on its way to: what it said about approvals would be forgotten with it. */
async function remove(deps: ReleaseDeps, context: ChangeContext, name: string): Promise<void> {
  const { db, store, serving } = deps;
  const before = await loadEnvironment(deps, name);
  const refuse = (why: string, data: object = {}) =>
    releaseErrors.REL_ENVIRONMENT_IN_USE(`Environment '${name}' is not removed: ${why}.`, {
      data: { environment: name, ...data },
    });
  if (BUILT_IN.some((one) => one.name === name)) throw refuse('every server has it');
  for (const state of ['ready', 'loading'] as const) {
    const [deployed] = await serving.deployments({ environment: name, state });
    if (deployed === undefined) continue;
    const { id, endpoint, version } = deployed;
    throw refuse(`version ${version} of ${endpoint} is deployed there`, { deploymentId: id, endpoint });
  }
  const [open] = await store.releases(db, { environment: name, states: OPEN_STATES, limit: 1 });
  if (open !== undefined) throw refuse(`release ${open.id} to it is ${open.state}`, { releaseId: open.id });
  await db.transact(context, async (tx) => {
    await store.removeEnvironment(tx, name);
    const subject = { kind: 'environment', id: name };
    tx.record(environmentRemoved.of(subject, { environment: name }, { before }));
  });
}
