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

describe.each([
  { environment: 'mlflow-3' as const, major: 3 },
  { environment: 'mlflow-2' as const, major: 2 },
])('an unchanged client of $major.x', ({ environment, major }) => {
  const { folder, dispose } = temporaryFolder(`clients-${major}`);
  let server: LiveServer;
  let results: Map<string, StepResult>;

  beforeAll(async () => {
    server = await startLiveServer({ folder });
    results = await runSteps(environment, server.url);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await server?.stop();
    dispose();
  });

  it.each(steps.filter(({ since }) => since <= major))('$name', ({ name }) => {
    const result = results.get(name);
    if (result === undefined) throw new Error('the step was not done: the script ended before it');
    if (!result.ok) throw new Error(`${result.error}\n${result.where}`);
    expect(result.left_out).toBeUndefined();
  });

  it('was refused nothing by a fault of the server', () => {
    expect(server.output()).not.toMatch(/"level":"?(error|fatal|50|60)"?/);
  });
});
