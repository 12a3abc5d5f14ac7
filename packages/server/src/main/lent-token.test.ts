import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../platform/config/index.js';
import { createLogger } from '../platform/telemetry/index.js';
import { createFairlead, type Fairlead } from './create-fairlead.js';

const context = { actor: systemActor };
let folder: string;
let fairlead: Fairlead;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-lent-'));
  const flags = { home: join(folder, 'home'), port: 0, logLevel: 'silent', identityRequired: true };
  const config = loadConfig({ flags, env: {}, cwd: folder });
  fairlead = await createFairlead({ config, logger: createLogger(config), cwd: folder });
  ({ url } = await fairlead.start());
});
afterAll(async () => {
  await fairlead.stop();
  rmSync(folder, { recursive: true });
});

// As a user's script does it: log with the token that the environment gives, and try to do more than logging.
const SCRIPT = `
const { FAIRLEAD_TRACKING_URI: uri, FAIRLEAD_RUN_ID: run, FAIRLEAD_TOKEN: token, FAIRLEAD_OUTPUT_DIR: out } = process.env;
const headers = { authorization: 'Bearer ' + token, 'content-type': 'application/json' };
const post = async (path, body) => (await fetch(uri + path, { method: 'POST', headers, body: JSON.stringify(body) })).status;
const metrics = [{ key: 'loss', value: 0.5, timestampMs: 1, step: 0 }];
const logged = await post('/api/v1/runs/' + run + '/batch', { metrics });
const grew = await post('/api/v1/people', { name: 'mallory', roles: ['admin'] });
require('node:fs').writeFileSync(out + '/said.json', JSON.stringify({ logged, grew, token }));
`;

describe('the token of a command, where identity is required', () => {
  it('lets it log into its run, nothing a data scientist may not do, and ends with it', async () => {
    writeFileSync(join(folder, 'train.cjs'), `(async () => {${SCRIPT}})();`);
    const spec = { steps: { train: { run: [process.execPath, 'train.cjs'], outputs: { said: 'said.json' } } } };
    const { pipelines, tracking } = fairlead.rooms;
    await pipelines.declare(context, 'logging', { spec, projectFolder: folder });
    const started = await pipelines.start(context, { pipeline: 'logging' });
    const run = await pipelines.waitFor(started.id, { timeoutMs: 25_000 });
    const step = run.steps[0];
    expect(step?.error).toBeNull();
    const digest = step?.outputs.said?.digest ?? '';
    const said = JSON.parse(readFileSync(await fairlead.platform.objects.localPath(digest), 'utf8'));
    expect(said).toMatchObject({ logged: 204, grew: 403 });
    expect((await tracking.run(step?.trackingRunId ?? '')).metrics).toEqual({ loss: 0.5 });
    const later = await fetch(`${url}/api/v1/models`, { headers: { authorization: `Bearer ${said.token}` } });
    expect(later.status).toBe(401);
  });
});
