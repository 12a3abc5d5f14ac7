import { describe, expect, it } from 'vitest';
import { DeploymentCounters } from './deployment-counters.js';

const deployment = { id: 'd', version: 1 } as Parameters<DeploymentCounters['read']>[0];
const answered = (status: number, errorCode: string | null = null) => ({ rows: 2, latencyMs: 4, status, errorCode });
const run = { requests: 1, rows: 2, queueNs: 1, inputNs: 2, inferNs: 3, outputNs: 4 };

function countSome(counters: DeploymentCounters): void {
  counters.executed(run, 1_000);
  for (const outcome of [answered(200), answered(422), answered(500, 'SRV_NONFINITE_OUTPUT')]) counters.add(outcome);
}

describe('counts of a deployment', () => {
  it('are the same whether one process counted or several handed theirs over', () => {
    const [one, sum, other] = [new DeploymentCounters(), new DeploymentCounters(), new DeploymentCounters()];
    for (let i = 0; i < 4; i += 1) {
      countSome(one);
      countSome(i % 2 === 0 ? sum : other);
      const taken = other.take();
      if (taken !== undefined) sum.merge(structuredClone(taken), true);
    }
    expect(sum.read(deployment)).toEqual(one.read(deployment));
    expect(sum.arm()).toEqual(one.arm());
    expect(sum.readInference()).toEqual(one.readInference());
    expect(other.take()).toBeUndefined();
  });

  it('of a former routing table count for the deployment and not for the table in force', () => {
    const [here, there] = [new DeploymentCounters(), new DeploymentCounters()];
    countSome(there);
    here.merge(there.take() ?? expect.fail('nothing was counted'), false);
    expect(here.read(deployment)).toMatchObject({
      requests: 3,
      rows: 6,
      errors: 1,
      sinceRouting: { requests: 0, errors: 0 },
    });
  });
});
