import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { type Actor, type Clock, fixedClock, type NewEvent, systemActor } from '@fairlead/kernel';
import { createEventDispatcher, type Db, type EventDispatcher, openDb, readLedger } from '../../platform/db/index.js';
import { openTestSqlite } from '../../platform/db/testing.js';
import { createSecretBox } from '../../platform/identity/index.js';
import { type JobQueue, jobMigrations } from '../../platform/jobs/index.js';
import { quickQueue } from '../../platform/jobs/testing.js';
import type { PipelineRun } from '../pipelines/index.js';
import type { Release } from '../release/index.js';
import { type AutomationService, automationMigrations, createAutomation, type SubscriptionService } from './index.js';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Status codes to answer with, in order; then 204. */
  readonly answers: number[];
  close(): Promise<void>;
}

/** A web server on loopback that keeps what it is sent. */
export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const answers: number[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      const status = answers.shift() ?? 204;
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answers,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

export interface House {
  readonly db: Db;
  readonly clock: Clock & { advance(byMs: number): void };
  readonly jobs: JobQueue;
  readonly dispatcher: EventDispatcher;
  readonly automation: AutomationService;
  readonly subscriptions: SubscriptionService;
  /** Pipeline runs that were started, with the actor who did. */
  readonly started: { run: PipelineRun; actor: Actor }[];
  readonly rollBacks: { endpoint: string; reason: string; actor: Actor }[];
  /** Records an event and lets the room meet it. */
  happen(event: NewEvent, actor?: Actor): Promise<number>;
  /** Ends when no action is running. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** The room over a real database and queue; pipelines and releases are lists in memory. */
export async function openHouse(): Promise<House> {
  const rooms = [jobMigrations, automationMigrations];
  const test = await openTestSqlite(rooms);
  const clock = fixedClock(1_700_000_000_000);
  // Events must be dated by the clock that the tests move.
  const db = await openDb({ url: test.url, rooms, clock });
  const jobs = quickQueue(db, 'test');
  const dispatcher = createEventDispatcher(db, { clock });
  const started: House['started'] = [];
  const rollBacks: House['rollBacks'] = [];
  const {
    service: automation,
    subscriptions,
    consumers,
  } = createAutomation({
    db,
    clock,
    jobs,
    config: { webhookAllowPrivate: true },
    address: () => 'http://127.0.0.1:4600',
    box: createSecretBox(dirname(test.url), 'webhooks'),
    writeNotice: (notice, { id, secret }) => ({ body: JSON.stringify(notice), headers: { id, secret: secret ?? '' } }),
    env: { HOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
    pipelines: {
      start: async ({ actor }, { pipeline, trigger, params = {} }) => {
        if (pipeline === 'broken') throw new Error('the pipelines are down');
        const run = { id: `run-${started.length + 1}`, pipeline, trigger, params, state: 'running' } as PipelineRun;
        started.push({ run, actor });
        return run;
      },
      runs: async ({ pipeline }) => started.map(({ run }) => run).filter((run) => run.pipeline === pipeline),
    },
    release: {
      rollBack: async ({ actor }, endpoint, { reason }) => {
        rollBacks.push({ endpoint, reason, actor });
        return { id: `release-${rollBacks.length}` } as Release;
      },
    },
  });
  for (const consumer of consumers) dispatcher.add(consumer);
  await jobs.start();
  return {
    db,
    clock,
    jobs,
    dispatcher,
    automation,
    subscriptions,
    started,
    rollBacks,
    happen: async (event, actor = systemActor) => {
      await db.transact({ actor }, async (tx) => tx.record(event));
      const events = await readLedger(db, { afterSeq: 0, limit: 10_000, types: [event.type] });
      await dispatcher.drain();
      return events.at(-1)?.seq ?? 0;
    },
    settle: async () => {
      for (const job of await jobs.list({ kind: 'automation.act' })) await jobs.waitFor(job.id, { timeoutMs: 20_000 });
      await dispatcher.drain();
    },
    close: async () => {
      await jobs.stop({ graceMs: 1_000 });
      await db.close();
      await test.dispose();
    },
  };
}
