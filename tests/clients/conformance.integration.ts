// Every step of tests/clients/python with the unchanged client, each as one test. Needs Python 3.11 and an index of packages
// for the virtual environments of mlflow-3.txt and mlflow-2.txt, made once under node_modules/.cache.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';
import { runSteps, type StepResult, writtenSteps } from './python-steps.js';

/** Installing a client takes a minute or two, its steps as long. */
const TIMEOUT_MS = 15 * 60_000;

const steps = writtenSteps();

describe('the steps of the conformance script', () => {
  it('are at least 120, each with a name of its own', () => {
    expect(steps.length).toBeGreaterThanOrEqual(120);
    expect(new Set(steps.map(({ name }) => name)).size).toBe(steps.length);
  });
});

const clients = [
  { environment: 'mlflow-3' as const, major: 3 },
  { environment: 'mlflow-2' as const, major: 2 },
];

interface Done {
  readonly server: LiveServer;
  readonly results: ReadonlyMap<string, StepResult>;
}

/** Each client with a server of its own, both at once: much of the time of one is waiting. */
const done = new Map<number, Done>();
const folders = clients.map(({ major }) => temporaryFolder(`clients-${major}`));

beforeAll(async () => {
  await Promise.all(
    clients.map(async ({ environment, major }, at) => {
      const server = await startLiveServer({ folder: folders[at]?.folder as string });
      done.set(major, { server, results: new Map() });
      done.set(major, { server, results: await runSteps(environment, server.url) });
    }),
  );
}, TIMEOUT_MS);
afterAll(async () => {
  for (const { server } of done.values()) await server.stop();
  for (const { dispose } of folders) dispose();
});

describe.each(clients)('an unchanged client of version $major', ({ major }) => {
  it.each(steps.filter(({ since }) => since <= major))('$name', ({ name }) => {
    const result = done.get(major)?.results.get(name);
    if (result === undefined) throw new Error('the step was not done: the script ended before it');
    if (!result.ok) throw new Error(`${result.error}\n${result.where}`);
    expect(result.left_out).toBeUndefined();
  });

  it('was refused nothing by a fault of the server', () => {
    expect(done.get(major)?.server.output()).not.toMatch(/"level":"?(error|fatal|50|60)"?/);
  });
});
