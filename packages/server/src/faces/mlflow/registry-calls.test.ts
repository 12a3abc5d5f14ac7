import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localActor } from '../../platform/identity/index.js';
import { type MlflowServer, openMlflow } from './mlflow.fixture.js';

describe("MLflow's calls about registered models and their versions", () => {
  let server: MlflowServer;
  let root: string;
  let runId: string;
  beforeAll(async () => {
    server = await openMlflow();
    const { body } = await server.call('POST', 'runs/create', { experiment_id: '0' });
    runId = body.run.info.run_id;
    root = body.run.info.artifact_uri;
  });
  afterAll(() => server.close());
  const { call } = {
    call: (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, fields: Record<string, unknown> = {}) =>
      server.call(method, path, fields),
  };
  const version = (name: string, fields: Record<string, unknown> = {}) =>
    call('POST', 'model-versions/create', { name, source: `${root}/model`, run_id: runId, ...fields });
  const fails = (answer: { status: number; body: { error_code: string } }) => [answer.status, answer.body.error_code];

  it('create, show, change, rename and delete a model', async () => {
    const tags = [{ key: 'team', value: 'port' }];
    const made = await call('POST', 'registered-models/create', { name: 'Regen 1', tags, description: 'd' });
    expect(made.body.registered_model).toEqual({
      name: 'Regen 1',
      creation_timestamp: expect.any(Number),
      last_updated_timestamp: expect.any(Number),
      description: 'd',
      tags,
    });
    expect(fails(await call('POST', 'registered-models/create', { name: 'Regen 1' }))).toEqual([
      400,
      'RESOURCE_ALREADY_EXISTS',
    ]);
    for (const name of ['', 'a/b', 'a:b', undefined]) {
      const answer = await call('POST', 'registered-models/create', { name });
      expect(fails(answer)).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    }
    await call('PATCH', 'registered-models/update', { name: 'Regen 1', description: 'e' });
    const renamed = await call('POST', 'registered-models/rename', { name: 'Regen 1', new_name: 'Regen' });
    expect(renamed.body.registered_model).toMatchObject({ name: 'Regen', description: 'e', tags });
    await call('POST', 'registered-models/set-tag', { name: 'Regen', key: 'a', value: '1' });
    await call('DELETE', 'registered-models/delete-tag', { name: 'Regen', key: 'team' });
    const shown = await call('GET', 'registered-models/get', { name: 'Regen' });
    expect(shown.body.registered_model.tags).toEqual([{ key: 'a', value: '1' }]);
    expect((await call('DELETE', 'registered-models/delete', { name: 'Regen' })).body).toEqual({});
    expect(fails(await call('GET', 'registered-models/get', { name: 'Regen' }))).toEqual([
      404,
      'RESOURCE_DOES_NOT_EXIST',
    ]);
  });

  it('keep a prompt in the tags of its versions, which have no files', async () => {
    const tags = [
      { key: 'mlflow.prompt.is_prompt', value: 'true' },
      { key: 'mlflow.prompt.text', value: 'How high is {{ what }}?' },
    ];
    await call('POST', 'registered-models/create', { name: 'tide', tags: tags.slice(0, 1) });
    for (const source of ['prompt-template', 'dummy-source']) {
      const made = await call('POST', 'model-versions/create', { name: 'tide', source, tags });
      expect(made).toMatchObject({ status: 200, body: { model_version: { source, tags } } });
    }
    const untagged = await call('POST', 'model-versions/create', { name: 'tide', source: 'prompt-template' });
    expect(fails(untagged)).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    expect(await server.rooms.catalogue.versionRecord('tide', 1)).toMatchObject({ filesRoot: '', servable: 'no' });
    const hidden = await call('GET', 'model-versions/search', { filter: "name = 'tide'" });
    expect(hidden.body).toEqual({});
    const asked = await call('GET', 'model-versions/search', {
      filter: "name = 'tide' AND tag.`mlflow.prompt.is_prompt` = 'true'",
    });
    expect(asked.body.model_versions).toHaveLength(2);
    expect((await call('DELETE', 'registered-models/delete', { name: 'tide' })).status).toBe(200);
  });

  it('number versions as text, show where their files are and follow copies', async () => {
    await call('POST', 'registered-models/create', { name: 'v' });
    const { body } = await version('v', { description: 'one', tags: [{ key: 'k', value: 'x' }] });
    expect(body.model_version).toMatchObject({
      name: 'v',
      version: '1',
      current_stage: 'None',
      status: 'READY',
      source: `${root}/model`,
      run_id: runId,
      description: 'one',
      tags: [{ key: 'k', value: 'x' }],
    });
    await call('POST', 'registered-models/create', { name: 'w' });
    const copy = await call('POST', 'model-versions/create', { name: 'w', source: 'models:/v/1' });
    expect(copy.body.model_version).toMatchObject({ version: '1', source: 'models:/v/1', run_id: runId });
    const uri = await call('GET', 'model-versions/get-download-uri', { name: 'w', version: '1' });
    expect(uri.body).toEqual({ artifact_uri: `${root}/model` });
    const ofRun = await call('POST', 'model-versions/create', { name: 'w', source: `runs:/${runId}/model` });
    expect(ofRun.body.model_version.source).toBe(`${root}/model`);
    const shown = await call('GET', 'registered-models/get', { name: 'w' });
    expect(shown.body.registered_model.latest_versions.map((one: { version: string }) => one.version)).toEqual(['2']);
  });

  it('refuse sources outside of this server, also of prompts, and say so as MLflow does', async () => {
    const sources = [
      '/etc',
      'file:///etc',
      's3://x/y',
      'https://x/y',
      `${root}/../x`,
      `${root}/a#b`,
      'models:/m-1',
      '',
    ];
    for (const source of sources) {
      const tags = [{ key: 'mlflow.prompt.is_prompt', value: 'true' }];
      const answer = await call('POST', 'model-versions/create', { name: 'v', source, tags });
      expect(fails(answer), source).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    }
    expect(fails(await call('POST', 'model-versions/create', { name: 'v', source: 'models:/none/1' }))[0]).toBe(404);
    expect(fails(await version('none'))).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
  });

  it('move versions through stages and aliases', async () => {
    await call('POST', 'registered-models/create', { name: 's' });
    for (let at = 0; at < 3; at += 1) await version('s');
    const to = (number: string, stage: string, archive = false) =>
      call('POST', 'model-versions/transition-stage', {
        name: 's',
        version: number,
        stage,
        archive_existing_versions: archive,
      });
    expect((await to('1', 'production')).body.model_version.current_stage).toBe('Production');
    await to('2', 'Production', true);
    const latest = await call('POST', 'registered-models/get-latest-versions', { name: 's', stages: ['Production'] });
    expect(latest.body.model_versions.map((one: { version: string }) => one.version)).toEqual(['2']);
    const all = await call('GET', 'registered-models/get-latest-versions', { name: 's' });
    expect(all.body.model_versions).toHaveLength(3);
    expect(fails(await to('1', 'Live'))).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    expect(fails(await to('1', 'None', true))).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    expect(fails(await to('9', 'None'))).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);

    await call('POST', 'registered-models/alias', { name: 's', alias: 'champion', version: '2' });
    const at = (alias: string) => call('GET', 'registered-models/alias', { name: 's', alias });
    expect((await at('champion')).body.model_version).toMatchObject({ version: '2', aliases: ['champion'] });
    expect((await at('Latest')).body.model_version.version).toBe('3');
    for (const alias of ['none', 'constructor', '1']) {
      expect(fails(await at(alias))).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    }
    for (const alias of ['latest', 'LATEST', 'v1', 'V22', 'a b']) {
      const answer = await call('POST', 'registered-models/alias', { name: 's', alias, version: '1' });
      expect(fails(answer), alias).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    }
    await call('DELETE', 'registered-models/alias', { name: 's', alias: 'champion' });
    expect((await call('DELETE', 'registered-models/alias', { name: 's', alias: 'champion' })).status).toBe(200);
    await call('DELETE', 'model-versions/delete', { name: 's', version: '3' });
    expect(fails(await call('GET', 'model-versions/get', { name: 's', version: '3' }))[0]).toBe(404);
    expect((await version('s')).body.model_version.version).toBe('4');
  });

  it('search models and versions, without prompts unless they are asked for', async () => {
    await call('POST', 'registered-models/create', {
      name: 'prompt',
      tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }],
    });
    const names = async (fields: Record<string, unknown>) =>
      (await call('GET', 'registered-models/search', fields)).body.registered_models?.map(
        (one: { name: string }) => one.name,
      );
    expect(await names({})).toEqual(['s', 'v', 'w']);
    expect(await names({ filter: "tag.`mlflow.prompt.is_prompt` != 'true'" })).toEqual(['s', 'v', 'w']);
    expect(await names({ filter: "tags.`mlflow.prompt.is_prompt` = 'true'" })).toEqual(['prompt']);
    expect(await names({ filter: "name ILIKE 'S%'" })).toEqual(['s']);
    expect(await names({ order_by: ['name DESC'], max_results: '2' })).toEqual(['w', 'v']);
    const found = await call('GET', 'model-versions/search', {
      filter: `name='s' and run_id = '${runId}'`,
      max_results: 2,
    });
    expect(found.body.model_versions.map((one: { version: string }) => one.version)).toEqual(['4', '2']);
    const rest = await call('GET', 'model-versions/search', {
      filter: `name='s' and run_id = '${runId}'`,
      max_results: 2,
      page_token: found.body.next_page_token,
    });
    expect(rest.body.model_versions.map((one: { version: string }) => one.version)).toEqual(['1']);
    expect(rest.body.next_page_token).toBeUndefined();
    for (const fields of [{ filter: 'x' }, { max_results: 1001 }, { page_token: 'zz' }, { order_by: ['tag.a'] }]) {
      expect(fails(await call('GET', 'registered-models/search', fields))[0]).toBe(400);
    }
  });

  it('ask who it is', async () => {
    const viewer = await openMlflow(async () => ({ ...localActor, roles: ['viewer'] }));
    try {
      const answer = await viewer.call('POST', 'registered-models/create', { name: 'x' });
      expect(fails(answer)).toEqual([403, 'PERMISSION_DENIED']);
      expect((await viewer.call('GET', 'registered-models/search')).status).toBe(200);
    } finally {
      await viewer.close();
    }
  });
});
