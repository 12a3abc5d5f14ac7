import type { Table } from '@fairlead/frame';
import { isFairleadError, messageOf } from '@fairlead/kernel';
import type { Deployment } from '../../serving/index.js';
import { askDeployment } from './ask-deployment.js';
import { collectAnswers, type DeployedAnswers } from './deployed-answers.js';
import type { GateRoom } from './gate-room.js';

export interface Beside {
  /** What serves now where the version under test is to serve. */
  readonly liveDeploymentId: string;
  readonly table: Table;
}

/**
 * What the live version says to the rows, deployed in test in the way that it serves: where it is live nothing of this is counted,
 * captured or waited for. Says what kept it from answering.
 */
export async function askBeside(
  room: GateRoom,
  { liveDeploymentId, table }: Beside,
): Promise<DeployedAnswers | { readonly problem: string }> {
  const { deps, context, deployment: candidate, version, signal } = room;
  const { serving } = deps;
  const { configuration, version: number } = await serving.deployment(liveDeploymentId);
  const live = await deps.registry.version(version.model, number);
  const { endpoint, environment } = candidate;
  const before = await serving.deployments({ endpoint, environment, state: 'ready' });
  let deployment: Deployment;
  try {
    deployment = await deps.inTurn(endpoint, () =>
      serving.deploy(context, { endpoint, environment, version: live, configuration }),
    );
  } catch (error) {
    if (!isFairleadError(error)) throw error;
    return {
      problem: `the live version ${number} cannot be deployed in ${environment} beside it: ${messageOf(error)}`,
    };
  }
  try {
    const given = await collectAnswers({
      ...{ table, asked: live.signature, read: version.signature },
      ask: (rows) => askDeployment(serving, { deployment, rows, signal }),
    });
    return given.hasProbabilities
      ? given
      : { problem: `the live version ${number} gives labels without probabilities` };
  } finally {
    if (!before.some(({ id }) => id === deployment.id)) await serving.retire(context, deployment.id);
  }
}
