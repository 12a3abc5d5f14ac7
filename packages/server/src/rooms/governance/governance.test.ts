import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Actor, defineErrors, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../platform/config/index.js';
import { openTestSqlite, type TestDb } from '../../platform/db/testing.js';
import { type App, createHttpServer } from '../../platform/http/index.js';
import { localActor } from '../../platform/identity/index.js';
import { createLocalObjectStore, type ObjectStore } from '../../platform/objects/index.js';
import { createLogger, createMetrics } from '../../platform/telemetry/index.js';
import type { LineageEdge } from '../tracking/index.js';
import { createGovernance, type GovernanceService, governanceRoutes } from './index.js';
import { fullFacts } from './report/report.fixture.js';

const errors = defineErrors('test', {
  TEST_NOT_FOUND: { status: 404, fault: 'user', title: 'Not there', remedy: 'Look elsewhere.' },
});
const absent = () => Promise.reject(errors.TEST_NOT_FOUND('There is no such thing.'));
const facts = fullFacts();

describe('governance', () => {
  let test: TestDb;
  let objects: ObjectStore;
  let governance: GovernanceService;
  let app: App;
  const edges: LineageEdge[] = [];
  beforeAll(async () => {
    test = await openTestSqlite([]);
    objects = createLocalObjectStore(mkdtempSync(join(tmpdir(), 'fairlead-objects-')));
    governance = createGovernance({
      db: test.db,
      objects,
      data: { get: absent, versionById: absent, splitById: absent, deliveries: absent },
      tracking: {
        run: absent,
        searchRuns: absent,
        lineage: async (root) => ({
          root,
          nodes: [root, ...edges.map(({ to }) => to)].map((node) => ({ ...node, distance: 1 })),
          edges: [...edges],
          truncated: false,
          cutOff: [],
        }),
        link: async (_tx, more) => void edges.push(...more),
      },
      evaluation: { report: async () => facts.evaluation ?? absent() },
      registry: {
        model: absent,
        card: absent,
        version: async (model) => (model === 'rain' ? facts.version : absent()),
      },
      serving: {
        deployments: async () => [...facts.deployments],
        routingHistory: async () => [...(facts.routing[0] ?? [])].reverse(),
      },
      release: { releases: async () => [...facts.releases], policy: absent },
      monitoring: {
        list: async () => facts.monitors.map(({ monitor }) => monitor),
        reports: async () => [...(facts.monitors[0]?.reports ?? [])],
        alerts: async () => [...facts.alerts],
        performance: async () => [...(facts.performance[0]?.windows ?? [])],
      },
    });
    app = await createHttpServer({
      config: loadConfig({ flags: {}, env: {}, cwd: '/' }),
      logger: createLogger({ logLevel: 'silent', logFormat: 'json' }),
      metrics: createMetrics(),
      identity: { identify: async (token) => (token === undefined ? localActor : viewer) },
      version: '0.0.0',
      readiness: async () => ({ ready: true, checks: {} }),
    });
    await governanceRoutes({ governance })(app);
    for (const id of ['rain/1', 'rain/2', 'rain/2']) {
      const subject = { kind: 'model-version', id };
      await test.db.transact({ actor: systemActor }, async (tx) =>
        tx.record({ type: 'registry.version-tagged', subject, payload: { id }, before: { a: 1 }, after: { a: 2 } }),
      );
    }
  });
  afterAll(async () => {
    await app.close();
    await test.dispose();
  });

  const viewer: Actor = { ...localActor, roles: ['viewer'] };
  const ask = (url: string, options: { method?: 'GET' | 'POST'; token?: string } = {}) =>
    app.inject({
      method: options.method ?? 'GET',
      url: `/api/v1${url}`,
      headers: { host: '127.0.0.1', ...(options.token !== undefined && { authorization: options.token }) },
    });

  it('reports what the rooms know and stores it once, with lineage and an entry', async () => {
    const { html, digest } = await governance.report('rain', 2);
    expect(html).toContain('Live in production');
    expect(html).toContain('All 2 entries');
    const context = { actor: systemActor };
    const stored = await governance.storeReport(context, 'rain', 2);
    expect(stored).toEqual({ model: 'rain', version: 2, digest, sizeBytes: Buffer.byteLength(html), created: true });
    expect(Buffer.from(await objects.readBytes(digest)).toString('utf8')).toBe(html);
    expect(await governance.storeReport(context, 'rain', 2)).toEqual({ ...stored, created: false });
    const to = { kind: 'report', id: digest };
    expect(edges).toEqual([{ from: { kind: 'model-version', id: 'rain/2' }, to, relation: 'reported-in' }]);
    expect((await governance.audit({ type: 'governance.report-stored', limit: 9 })).events).toHaveLength(1);
  });

  it('serves the report as a page that may run nothing', async () => {
    const page = await ask('/models/rain/versions/latest/report');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['content-security-policy']).toContain('sandbox');
    expect((await ask('/models/none/versions/1/report')).statusCode).toBe(404);
    expect((await ask('/models/rain/versions/2/report', { method: 'POST' })).statusCode).toBe(201);
    expect((await ask('/models/rain/versions/2/report', { method: 'POST', token: 'v' })).statusCode).toBe(403);
  });

  it('pages and filters the audit log', async () => {
    const first = (await ask('/audit?subjectKind=model-version&limit=2')).json();
    expect(first.items.map((event: { seq: number }) => event.seq)).toEqual([3, 2]);
    expect(first.items[0]).toMatchObject({ before: { a: 1 }, after: { a: 2 }, actor: { id: 'fairlead' } });
    const next = (await ask(`/audit?subjectKind=model-version&limit=2&pageToken=${first.nextPageToken}`)).json();
    expect(next).toMatchObject({ items: [{ seq: 1 }], nextPageToken: null });
    expect((await ask('/audit?limit=0')).statusCode).toBe(400);
    expect((await ask('/audit?pageToken=x')).statusCode).toBe(400);
    expect((await ask('/audit', { token: 'v' })).statusCode).toBe(403);
  });

  it('exports the log as lines of JSON to be saved', async () => {
    const file = await ask('/audit/export?subjectId=rain%2F2');
    expect(file.headers['content-disposition']).toContain('attachment; filename="fairlead-audit.ndjson"');
    const lines = file.body.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual([2, 3]);
    expect((await ask('/audit/export?actor=nobody')).body).toBe('');
  });

  it('verifies the log, also against a checkpoint', async () => {
    const { entries, headHash, verdict } = (await ask('/audit/verification')).json();
    expect(verdict).toBe('intact');
    const against = (hash: string) => ask(`/audit/verification?entries=${entries}&headHash=${hash}`);
    expect((await against(headHash)).json()).toEqual({ verdict, entries, headHash });
    expect((await against('0'.repeat(64))).json()).toMatchObject({ verdict: 'tampered', problem: 'rewritten' });
    expect((await ask(`/audit/verification?entries=${entries}`)).statusCode).toBe(400);
  });
});
