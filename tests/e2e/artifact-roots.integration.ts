import { afterAll, describe, expect, it } from 'vitest';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';

describe('fairlead up with artifact roots', () => {
  const { folder, dispose } = temporaryFolder('artifact-roots');
  let server: LiveServer | undefined;
  afterAll(async () => {
    await server?.stop();
    dispose();
  });
  const create = async (name: string, artifact_location: string) => {
    const answer = await fetch(`${server?.url}/api/2.0/mlflow/experiments/create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, artifact_location }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, string> };
  };

  it('allows the addresses below them by flag or environment, and nothing else', async () => {
    server = await startLiveServer({ folder });
    expect(await create('none', 's3://runs/a')).toMatchObject({ status: 400 });
    await server.stop();
    server = await startLiveServer({ folder, flags: ['--artifact-roots', 's3://runs/team,gs://more'] });
    const { status, body } = await create('flag', 's3://runs/team/a');
    expect(status).toBe(200);
    const found = await fetch(`${server.url}/api/v1/experiments/${body.experiment_id}`);
    expect(await found.json()).toMatchObject({ name: 'flag', artifactRoot: 's3://runs/team/a' });
    const refused = await create('beside', 's3://runs/teams');
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain('artifactRoots');
    await server.stop();
    server = await startLiveServer({ folder, env: { FAIRLEAD_ARTIFACT_ROOTS: 's3://else' } });
    expect(await create('environment', 's3://else/b')).toMatchObject({ status: 200 });
    expect(await create('no longer', 's3://runs/team/b')).toMatchObject({ status: 400 });
  });
});
