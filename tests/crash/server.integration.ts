import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRng } from '@fairlead/num';
import { createClient, type FairleadClient } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/harness/watched-process.mjs';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';
import { addPeople, type People, runToRelease, signAndRollOut, smallProject } from '../harness/port-weather.js';
import { type Check, WORKLOADS } from './workloads.js';

const ROUNDS = Number(process.env.FAIRLEAD_CRASH_ROUNDS ?? 50);
const SEED = Number(process.env.FAIRLEAD_CRASH_SEED ?? 1);
const TIMEOUT_MS = 20 * 60_000;

describe('a server that is killed at any moment', () => {
  const { folder, dispose } = temporaryFolder('crash');
  const checks: Check[] = [];
  let port: number;
  let server: LiveServer;
  let client: FairleadClient;
  let people: People;

  beforeAll(async () => {
    port = await freePort();
    server = await start();
    client = createClient({ url: server.url, maxRetries: 0 });
    await client.projects.apply({ folder, project: crashProject(folder) });
    people = await addPeople(client);
    const release = await runToRelease(people);
    await signAndRollOut(people, client, release.id);
  });
  afterAll(async () => {
    await server?.stop();
    dispose();
  });

  it(`starts again by itself and misses nothing it acknowledged, ${ROUNDS} times`, {
    timeout: TIMEOUT_MS,
  }, async () => {
    const rng = createRng(SEED);
    const counts: Record<string, number> = {};
    let entries = 0;
    let slowestStartMs = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const workload = WORKLOADS[round % WORKLOADS.length];
      if (workload === undefined) throw new Error('there are workloads');
      const roundRng = rng.fork(round);
      const fresh: Check[] = [];
      let killed = false;
      const work = workload
        .work({ client, people, folder, rng: roundRng.fork('work'), round, acknowledged: (check) => fresh.push(check) })
        .catch((error: unknown) => {
          // Only the kill may break the work; a refusal before it is a fault of the server or of this test.
          if (!killed || !isBrokenConnection(error)) throw error;
        });
      const killAtMs = roundRng.fork('kill').int(workload.withinMs);
      await Promise.race([work, new Promise((done) => setTimeout(done, killAtMs))]);
      killed = true;
      await server.kill();
      await work;
      server = await start();
      slowestStartMs = Math.max(slowestStartMs, server.readyMs);
      await runAll(fresh, `${workload.name}, round ${round}, seed ${SEED}, killed after ${killAtMs} ms`);
      const audit = await verifyAudit();
      expect(audit.entries).toBeGreaterThanOrEqual(entries);
      entries = audit.entries;
      counts[workload.name] = (counts[workload.name] ?? 0) + fresh.length;
      checks.push(...fresh);
    }
    await runAll(checks, 'after all rounds');
    console.log(
      `${ROUNDS} kills, seed ${SEED}: ${checks.length} acknowledgements all there (${JSON.stringify(counts)}); ` +
        `${entries} audit entries intact; slowest start ${Math.round(slowestStartMs)} ms`,
    );
    expect(Object.values(counts).every((count) => count > 0)).toBe(true);
  });

  function start(): Promise<LiveServer> {
    return startLiveServer({
      folder,
      port,
      env: { FAIRLEAD_CAPTURE_MODE: 'sync', FAIRLEAD_CAPTURE_COMPACT_MS: '2000' },
    });
  }

  async function verifyAudit(): Promise<{ entries: number }> {
    const answer = await fetch(`${server.url}/api/v1/audit/verification`);
    const verification = (await answer.json()) as { verdict: string; entries: number };
    expect(verification).toMatchObject({ verdict: 'intact' });
    return verification;
  }
});

/** The example with a second dataset, quick gates and no canary: a rollout then ends in one step. */
function crashProject(folder: string) {
  writeFileSync(join(folder, 'readings.csv'), 'id,value\n');
  const project = smallProject(folder);
  const columns = { id: { type: 'string', required: true }, value: { type: 'number', required: true } };
  project.datasets.readings = { source: { path: 'readings.csv', format: 'csv', columns } };
  project.endpoints.rain.release.gates = [{ kind: 'contract' }, { kind: 'onnx-parity', maxAbsDifference: 0.0001 }];
  project.endpoints.rain.release.rollout = { kind: 'all-at-once' };
  project.rules = {};
  return project;
}

async function runAll(checks: readonly Check[], when: string): Promise<void> {
  for (const check of checks) {
    try {
      await check();
    } catch (error) {
      throw new Error(`acknowledged, but not there (${when}): ${String(error)}`, { cause: error });
    }
  }
}

function isBrokenConnection(error: unknown): boolean {
  return /^SDK_(UNREACHABLE|BAD_ANSWER|REQUEST_TIMEOUT)$/.test(String(Object(error).code));
}
