import { setTimeout as pause } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import pg from 'pg';

const { url, ownerId, leaseMs, heartbeatMs } = workerData as {
  url: string;
  ownerId: string;
  leaseMs: number;
  heartbeatMs: number;
};

const EXTEND = `update job set lease_until = (extract(epoch from clock_timestamp()) * 1000)::bigint + $2
  where state = 'running' and owner = $1`;

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: heartbeatMs });
  // Without a listener a closed connection would end the thread; the next beat sees it anyway.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

let client: pg.Client | undefined;
for (;;) {
  try {
    client ??= await connect();
    await client.query(EXTEND, [ownerId, leaseMs]);
  } catch {
    client?.end().catch(() => undefined);
    client = undefined;
  }
  await pause(heartbeatMs);
}
