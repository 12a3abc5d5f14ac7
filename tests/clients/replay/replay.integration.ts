// The same requests to MLflow's own server and to Fairlead: every answer is the same, but for differences.ts, which says why.
// Needs the virtual environment of mlflow-3.txt (made when there is none) for the server to compare with.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMlflow } from '../../../bench/tracking/servers.mjs';
import { type LiveServer, startLiveServer, temporaryFolder } from '../../harness/live-server.js';
import { ALLOWED_DIFFERENCES } from './differences.js';
import { experimentRequests } from './experiment-requests.js';
import { fileRequests, framingRequests, loggedModelRequests, registryRequests } from './model-requests.js';
import { type ReplayAnswer, ReplayServer } from './replay-server.js';
import type { ReplayRequest } from './request-types.js';
import { runRequests } from './run-requests.js';
import { searchRequests } from './search-requests.js';

const TIMEOUT_MS = 15 * 60_000;

const requests: readonly ReplayRequest[] = [
  ...experimentRequests,
  ...runRequests,
  ...searchRequests,
  ...fileRequests,
  ...loggedModelRequests,
  ...registryRequests,
  ...framingRequests,
];

describe('the requests of the replay', () => {
  it('are at least 150, each with a name of its own', () => {
    expect(requests.length).toBeGreaterThanOrEqual(150);
    expect(new Set(requests.map(({ name }) => name)).size).toBe(requests.length);
  });

  it('are named by the differences, each at most once', () => {
    const named = ALLOWED_DIFFERENCES.flatMap((difference) => difference.requests);
    expect(new Set(named).size).toBe(named.length);
    const known = new Set(requests.map(({ name }) => name));
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('an answer of Fairlead', () => {
  const { folder, dispose } = temporaryFolder('replay');
  const answers = new Map<string, { theirs: ReplayAnswer; ours: ReplayAnswer }>();
  let mlflow: Awaited<ReturnType<typeof startMlflow>>;
  let fairlead: LiveServer;

  beforeAll(async () => {
    fairlead = await startLiveServer({ folder });
    mlflow = await startMlflow({ folder: join(folder, 'mlflow'), workers: 1 });
    const [theirs, ours] = [new ReplayServer(mlflow.base), new ReplayServer(fairlead.url)];
    for (const request of requests) {
      answers.set(request.name, { theirs: await theirs.send(request), ours: await ours.send(request) });
    }
  }, TIMEOUT_MS);
  afterAll(async () => {
    await fairlead?.stop();
    await mlflow?.stop();
    dispose();
  });

  it.each(requests.map(({ name }) => name))('%s', (name) => {
    const answer = answers.get(name);
    if (answer === undefined) throw new Error('the request was not sent');
    const { theirs, ours } = answer;
    const allowed = ALLOWED_DIFFERENCES.find((difference) => difference.requests.includes(name));
    if (allowed === undefined) return expect(ours).toEqual(theirs);
    expect(ours, 'is the same by now: remove it from differences.ts').not.toEqual(theirs);
    expect(ours.status, allowed.reason).toBe(allowed.status);
    if (allowed.errorCode !== undefined) expect(ours.body).toEqual({ error_code: allowed.errorCode });
  });

  it('is never a fault of the server', () => {
    const faults = [...answers].filter(([, { ours }]) => ours.status >= 500).map(([name]) => name);
    expect(faults).toEqual([]);
  });
});
