import type { Actor } from '@fairlead/kernel';
import { loadConfig } from '../../platform/config/index.js';
import { type App, createHttpServer } from '../../platform/http/index.js';
import { createLogger, createMetrics } from '../../platform/telemetry/index.js';
import {
  context,
  modelVersion,
  openTestWorld,
  rainModel,
  type TestServing,
  type TestWorld,
} from './serving.fixture.js';
import { servingRoutes } from './serving-routes.js';

export interface TestRoutes {
  readonly app: App;
  readonly world: TestWorld;
  readonly running: TestServing;
  /** Who asks from now on. */
  actor: Actor;
  dispose(): Promise<void>;
}

export const engineer: Actor = { kind: 'user', id: 'eve', roles: ['ml-engineer'], authenticated: true };

/** Endpoint `rain`: version 1 in test and in production, version 2 in production with weight 0. */
export async function openTestRoutes(): Promise<TestRoutes> {
  const world = await openTestWorld();
  const running = await world.start();
  const { serving } = running;
  const [first, second] = await Promise.all([0.3, 0.7].map((at) => world.objects.putBytes(rainModel(at))));
  const digests = [first?.digest ?? '', second?.digest ?? ''];
  for (const digest of digests) world.approved.add(digest);
  const versions = digests.map((digest, i) => modelVersion(i + 1, digest));
  await serving.declareEndpoint(context, { name: 'rain', model: 'rain-model' });
  const place = { endpoint: 'rain', environment: 'production' };
  const entries = [];
  for (const version of versions) {
    const { id } = await serving.deploy(context, { ...place, version });
    entries.push({ deploymentId: id, weight: version.version === 1 ? 1 : 0 });
  }
  await serving.route(context, { ...place, entries, reason: 'fixture' });
  const routes = { actor: engineer };
  const app = await createHttpServer({
    config: loadConfig({ flags: { port: 0 }, env: {}, cwd: '/' }),
    logger: createLogger({ logLevel: 'silent', logFormat: 'json' }),
    metrics: createMetrics(),
    identity: { identify: async () => routes.actor },
    version: '1.2.3',
    readiness: async () => ({ ready: true, checks: {} }),
  });
  const registry = {
    version: async (_: string, ref: string | number) => versions[Number(ref) - 1] ?? modelVersion(99, 'ab'.repeat(32)),
  };
  await app.register(servingRoutes({ serving, registry, version: '1.2.3' }));
  await app.ready();
  return Object.assign(routes, {
    app,
    world,
    running,
    dispose: async () => {
      await app.close();
      await running.stop();
      await world.dispose();
    },
  });
}
