import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PurgeReportView } from '@fairlead/contracts';
import { type Role, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../platform/config/index.js';
import { localActor } from '../platform/identity/index.js';
import { createLogger } from '../platform/telemetry/index.js';
import { createFairlead, type Fairlead } from './create-fairlead.js';

const me = { actor: localActor };

describe('purging over the API', () => {
  let home: string;
  let fairlead: Fairlead;
  let admin: string;
  let scientist: string;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'fairlead-purge-'));
    const flags = { home, logLevel: 'silent', port: 0, identityRequired: true, purgeDeletedAfterDays: 30 };
    const config = loadConfig({ flags, env: {}, cwd: home });
    fairlead = await createFairlead({ config, logger: createLogger(config), cwd: home });
    await fairlead.start();
    admin = await tokenOf('root', 'admin');
    scientist = await tokenOf('ada', 'data-scientist');
  }, 60_000);
  afterAll(async () => {
    await fairlead?.stop();
    rmSync(home, { recursive: true, force: true });
  });
  async function tokenOf(name: string, role: Role): Promise<string> {
    const { identity } = fairlead.platform;
    const context = { actor: systemActor };
    await identity.addPerson(context, { name, displayName: name, kind: 'user', roles: [role] });
    return (await identity.issueToken(context, { person: name, label: 'test' })).token;
  }
  const call = async (method: 'GET' | 'POST', url: string, token: string, payload?: object) => {
    const headers = { host: '127.0.0.1', authorization: `Bearer ${token}` };
    const answer = await fairlead.app.inject({ method, url, headers, ...(payload !== undefined && { payload }) });
    return { status: answer.statusCode, body: answer.json() };
  };
  const purge = async (request: object): Promise<PurgeReportView> => {
    const { status, body } = await call('POST', '/api/v1/tracking/purge', admin, request);
    expect(status, JSON.stringify(body)).toBe(202);
    const job = await call('GET', `/api/v1/jobs/${body.jobId}?waitMs=20000`, admin);
    expect(job.body).toMatchObject({ state: 'succeeded' });
    return job.body.result;
  };

  it('is for administrators only, and removes nothing unless it is told to', async () => {
    const { tracking } = fairlead.rooms;
    const { id } = await tracking.startRun(me, { experiment: 'rain' });
    await tracking.deleteRun(me, id);
    const refused = await call('POST', '/api/v1/tracking/purge', scientist, { dryRun: false });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'IDN_FORBIDDEN' } } });
    expect(await purge({})).toMatchObject({ dryRun: true, runs: 1 });
    expect((await tracking.run(id)).lifecycle).toBe('deleted');
    expect(await purge({ dryRun: false, runIds: [id] })).toMatchObject({ dryRun: false, runs: 1 });
    const again = await call('POST', '/api/v1/tracking/purge', admin, { dryRun: false, runIds: [id] });
    expect(again).toMatchObject({ status: 404, body: { error: { code: 'TRK_RUN_NOT_FOUND' } } });
    const events = await call('GET', '/api/v1/audit?type=tracking.purged', admin);
    expect(events.body.items[0]).toMatchObject({ actor: { id: 'root' }, payload: { runs: 1, experiments: 0 } });
  });

  it('keeps the run and the files of a model version until that is deleted, and lineage names what went', async () => {
    const { tracking, catalogue } = fairlead.rooms;
    const [origin, files] = [
      await tracking.startRun(me, { experiment: 'rain' }),
      await tracking.startRun(me, { experiment: 'rain' }),
    ];
    const model = await tracking.loggedModels.createLoggedModel(me, {
      experimentId: origin.experimentId,
      sourceRunId: origin.id,
    });
    await tracking.putArtifact(me, files.id, { path: 'model/MLmodel', bytes: Buffer.from('flavors: {}') });
    await catalogue.createModel(me, { name: 'rain' });
    await catalogue.createVersion(me, { model: 'rain', source: `logged-model:${model.id}` });
    await catalogue.createVersion(me, { model: 'rain', source: `${files.artifactRoot}/model`, runId: origin.id });
    await tracking.deleteRun(me, origin.id);
    await tracking.deleteRun(me, files.id);
    const report = await purge({ dryRun: false, experiment: 'rain' });
    expect(report).toMatchObject({ runs: 0, keptCount: 2 });
    expect(report.kept.map(({ id, reason }) => [id, reason.replace(/\/\d/, '')])).toEqual([
      [origin.id, 'model version rain comes from it'],
      [files.id, 'model version rain comes from it'],
    ]);

    await catalogue.deleteModel(me, 'rain');
    expect(await purge({ dryRun: false })).toMatchObject({ runs: 2, loggedModels: 1, files: 1, keptCount: 0 });
    const { body } = await call('GET', `/api/v1/lineage?kind=run&id=${origin.id}`, admin);
    const nodes = body.nodes.map((node: { kind: string; known: boolean; purgedAtMs: number | null }) => [
      node.kind,
      node.known,
      node.purgedAtMs !== null,
    ]);
    expect(nodes).toContainEqual(['run', false, true]);
    expect(nodes).toContainEqual(['logged-model', false, true]);
    expect(body.edges).toContainEqual({
      from: { kind: 'run', id: origin.id },
      to: { kind: 'logged-model', id: model.id },
      relation: 'output-of',
    });
  });

  it('has its nightly job when days are set, and no longer when they are 0', async () => {
    const { schedules } = fairlead.platform;
    expect(await schedules.list()).toMatchObject([
      { id: 'tracking.retention', paused: false, job: { payload: { olderThanMs: 30 * 86_400_000, dryRun: false } } },
    ]);
    await fairlead.rooms.purge.retain(me, null);
    expect(await schedules.list()).toEqual([]);
  });
});
