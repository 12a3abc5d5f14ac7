// Every step of python/triton_steps.py and python/oip_client_steps.py with the unchanged tritonclient, kserve client and `mlserver infer`,
// each as one test. Needs Python 3.11 and an index of packages for the virtual environment of triton.txt, made once under
// node_modules/.cache.
import { readFileSync } from 'node:fs';
import { createClient } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/harness/watched-process.mjs';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';
import { addPeople, runToRelease, signAndRollOut, smallProject } from '../harness/port-weather.js';
import { serveByMlserver } from './mlserver-folder.js';
import { runScript, type StepResult } from './python-steps.js';

const TIMEOUT_MS = 15 * 60_000;

const stepsOf = (script: string) =>
  [...readFileSync(new URL(`./python/${script}`, import.meta.url), 'utf8').matchAll(/^@step\("(.+?)"\)$/gm)].map(
    ([, name = '']) => name,
  );
const steps = stepsOf('triton_steps.py');
const otherSteps = stepsOf('oip_client_steps.py');

describe('unchanged clients of the Open Inference Protocol', () => {
  const { folder, dispose } = temporaryFolder('triton');
  let server: LiveServer;
  let results: ReadonlyMap<string, StepResult>;
  let others: ReadonlyMap<string, StepResult>;

  beforeAll(async () => {
    const grpcPort = await freePort();
    server = await startLiveServer({ folder, flags: ['--grpc-port', String(grpcPort), '--model-programs'] });
    const client = createClient({ url: server.url });
    await client.projects.apply({ folder, project: smallProject(folder) });
    const people = await addPeople(client);
    const { id } = await runToRelease(people);
    await signAndRollOut(people, client, id);
    const { host } = new URL(server.url);
    results = await runScript('triton', ['triton_steps.py', host, `127.0.0.1:${grpcPort}`, 'rain']);
    others = await runScript('triton', ['oip_client_steps.py', server.url, `127.0.0.1:${grpcPort}`, 'rain']);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await server?.stop();
    dispose();
  });

  it('has steps for both transports, each with a name of its own', () => {
    expect(steps.filter((name) => name.startsWith('http')).length).toBeGreaterThanOrEqual(8);
    expect(steps.filter((name) => name.startsWith('grpc')).length).toBeGreaterThanOrEqual(6);
    expect(otherSteps.filter((name) => name.startsWith('kserve')).length).toBeGreaterThanOrEqual(7);
    expect(otherSteps.filter((name) => name.startsWith('mlserver')).length).toBeGreaterThanOrEqual(3);
    expect(new Set([...steps, ...otherSteps]).size).toBe(steps.length + otherSteps.length);
  });

  it.each([...steps, ...otherSteps])('%s', (name) => {
    const result = results.get(name) ?? others.get(name);
    if (result === undefined) throw new Error('the step was not done: the script ended before it');
    if (!result.ok) throw new Error(`${result.error}\n${result.where}`);
  });

  it(
    'a folder behind the unchanged MLServer, which takes JSON alone, answers at an endpoint',
    async () => {
      const client = createClient({ url: server.url });
      await serveByMlserver(client);
      const rows = [
        { wind: 1.5, cars: 2 },
        { wind: 0, cars: 7 },
      ];
      const { predictions } = await client.endpoints.predict('sum', { environment: 'test', rows });
      expect(predictions.map(({ value }) => value)).toEqual([5, 7]);
    },
    TIMEOUT_MS,
  );

  it('was refused nothing by a fault of the server', () => {
    const lines = server.output().split('\n');
    const faults = lines.filter((line) => /"level":"?(error|fatal|50|60)"?/.test(line));
    // One step unloads a model and asks whether it is ready.
    expect(faults.filter((line) => !line.includes('it was unloaded by'))).toEqual([]);
  });
});
