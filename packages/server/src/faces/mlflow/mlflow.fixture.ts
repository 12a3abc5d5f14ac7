import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Actor } from '@fairlead/kernel';
import { systemClock } from '@fairlead/kernel';
import { loadConfig } from '../../platform/config/index.js';
import { readLedger } from '../../platform/db/index.js';
import { openTestSqlite } from '../../platform/db/testing.js';
import { type App, createHttpServer } from '../../platform/http/index.js';
import { createIdempotency, idempotencyMigrations } from '../../platform/idempotency/index.js';
import { createSecretBox, localActor } from '../../platform/identity/index.js';
import { createJobQueue, jobMigrations } from '../../platform/jobs/index.js';
import { createLocalObjectStore } from '../../platform/objects/index.js';
import { createLogger, createMetrics } from '../../platform/telemetry/index.js';
import { automationMigrations, createAutomation } from '../../rooms/automation/index.js';
import { createRegistry, registryMigrations } from '../../rooms/registry/index.js';
import { createTracking, trackingMigrations } from '../../rooms/tracking/index.js';
import { type MlflowRooms, mlflowProtocol, mlflowRoutes, mlflowVersion, writeMlflowNotice } from './index.js';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are judged by the tests, not by the compiler
  readonly body: any;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface MlflowServer {
  readonly app: App;
  readonly rooms: MlflowRooms;
  /** Sends JSON to `/api/2.0/mlflow/<path>`, or a query when the method is GET. */
  call(method: Method, path: string, fields?: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** Sends anything to any address. */
  send(method: Method, url: string, payload?: string | Buffer, headers?: Record<string, string>): Promise<Answer>;
  /** How many events there are about things of a kind. */
  events(kind: string): Promise<number>;
  close(): Promise<void>;
}

export type OpenDb = typeof openTestSqlite;

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The face over real rooms on a new database; `identify` says who asks. */
export async function openMlflow(
  identify: () => Promise<Actor> = async () => localActor,
  openDb: OpenDb = openTestSqlite,
): Promise<MlflowServer> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-mlflow-'));
  const test = await openDb([
    idempotencyMigrations,
    jobMigrations,
    trackingMigrations,
    registryMigrations,
    automationMigrations,
  ]);
  const objects = createLocalObjectStore(folder);
  const { db } = test;
  const clock = systemClock;
  const tracking = createTracking({ db, objects, clock, version: '0.0.0' });
  const jobs = createJobQueue(db, { clock, ownerId: 'mlflow-test', exclusive: true });
  const unavailable = () => Promise.reject(new Error('not part of this test'));
  const { service: registry, catalogue } = createRegistry({
    ...{ db, objects, clock, tracking },
    jobs,
    files: tracking.files,
    owners: { run: tracking.run, loggedModel: (id) => tracking.loggedModels.loggedModel(id) },
    usesOf: async () => [],
    sourceRoots: [],
    fairleadVersion: '0.0.0',
    evaluation: { report: () => Promise.reject(new Error('no report')) },
  });
  const { subscriptions } = createAutomation({
    ...{ db, clock, jobs, writeNotice: writeMlflowNotice, config: { webhookAllowPrivate: true }, env: {} },
    address: () => '',
    box: createSecretBox(folder, 'webhooks'),
    pipelines: { start: unavailable, runs: unavailable },
    release: { rollBack: unavailable },
  });
  const idempotency = createIdempotency({ db, clock, onError: (error) => console.error(error) });
  const rooms = { tracking, registry, catalogue, subscriptions, idempotency };
  const app = await createHttpServer({
    config: loadConfig({ flags: { port: 0, home: folder }, env: {}, cwd: folder }),
    logger: createLogger({ logLevel: 'silent', logFormat: 'json' }),
    metrics: createMetrics(),
    identity: { identify },
    version: '0.0.0',
    mlflowVersion,
    protocols: [mlflowProtocol],
    readiness: async () => ({ ready: true, checks: {} }),
  });
  await mlflowRoutes(rooms)(app);
  const send: MlflowServer['send'] = async (method, url, payload, headers = {}) => {
    const answer = await app.inject({
      ...{ method, url },
      headers: { host: '127.0.0.1', ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: answer.statusCode, body: readJson(answer.body), headers: answer.headers };
  };
  return {
    app,
    rooms,
    send,
    call: (method, path, fields = {}) => {
      const url = `/api/2.0/mlflow/${path}`;
      if (method === 'GET') return send(method, `${url}?${queryOf(fields)}`);
      return send(method, url, JSON.stringify(fields), { 'content-type': 'application/json' });
    },
    events: async (kind) => {
      const all = await readLedger(db, { afterSeq: 0, limit: 10_000 });
      return all.filter(({ subject }) => subject.kind === kind).length;
    },
    close: async () => {
      await app.close();
      await idempotency.close();
      await test.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function queryOf(fields: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((item): [string, string] => [name, String(item)]),
  );
  return new URLSearchParams(pairs).toString();
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
