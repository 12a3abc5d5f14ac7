import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  context,
  modelVersion,
  openTestWorld,
  rainModel,
  type TestServing,
  type TestWorld,
} from '../serving.fixture.js';

let world: TestWorld;
let running: TestServing;
beforeAll(async () => {
  world = await openTestWorld();
  running = await world.start();
  await running.serving.declareEndpoint(context, { name: 'rain', model: 'rain-model' });
});
afterAll(async () => {
  await running.stop();
  await world.dispose();
});

const place = { endpoint: 'rain', environment: 'test' };
const source = { kind: 'source', id: 'weather.csv' };
const dataset = { kind: 'dataset-version', id: 'weather/1' };
const versionNode = (number: number) => ({ kind: 'model-version', id: `rain-model/${number}` });

async function deploy(number: number, bytes: Uint8Array) {
  const { digest } = await world.objects.putBytes(bytes);
  return running.serving.deploy(context, { ...place, version: modelVersion(number, digest) });
}

const walk = (kind: string, id: string, direction: 'up' | 'down') =>
  world.tracking.lineage({ kind, id }, { direction, maxNodes: 50 });

describe('the lineage of what answers', () => {
  it('leads from a deployment and from the log of its answers back to the source', async () => {
    const edges = [
      { from: source, to: dataset, relation: 'ingested-from' },
      { from: dataset, to: versionNode(1), relation: 'trained-on' },
    ];
    await world.db.transact(context, (tx) => world.tracking.link(tx, edges));
    const { id } = await deploy(1, rainModel(0.3));
    await running.serving.route(context, {
      ...place,
      entries: [{ deploymentId: id, weight: 1 }],
      reason: 'first',
    });
    const chain = [{ kind: 'deployment', id }, versionNode(1), dataset, source];
    for (const from of [
      ['deployment', id],
      ['prediction-log', 'rain@test'],
    ] as const) {
      const { nodes } = await walk(from[0], from[1], 'up');
      expect(nodes.map(({ kind, id: nodeId }) => ({ kind, id: nodeId }))).toEqual(expect.arrayContaining(chain));
    }
    const down = await walk('source', source.id, 'down');
    expect(down.edges.map(({ relation }) => relation)).toEqual(expect.arrayContaining(['deployed-as', 'recorded-in']));
  });

  it('has nothing of a version that could not be served', async () => {
    await expect(deploy(2, rainModel(0.5, ['nein', 'ja']))).rejects.toMatchObject({ code: 'SRV_DEPLOY_FAILED' });
    expect((await walk('model-version', versionNode(2).id, 'down')).edges).toEqual([]);
  });
});
