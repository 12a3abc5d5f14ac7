import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MlflowServer, openMlflow } from './mlflow.fixture.js';

const FILES = '/api/2.0/mlflow-artifacts';

describe('the artifact proxy', () => {
  let server: MlflowServer;
  let runId: string;
  let root: string;
  beforeAll(async () => {
    server = await openMlflow();
    runId = (await server.call('POST', 'runs/create', { experiment_id: '0' })).body.run.info.run_id;
    root = `0/${runId}/artifacts`;
  });
  afterAll(() => server.close());

  const put = (path: string, body: string | Buffer, type = 'application/octet-stream') =>
    server.send('PUT', `${FILES}/artifacts/${path}`, body, { 'content-type': type });
  const download = (path: string) =>
    server.app.inject({ method: 'GET', url: `${FILES}/artifacts/${path}`, headers: { host: '127.0.0.1' } });
  const list = async (path: string) =>
    (await server.send('GET', `${FILES}/artifacts?path=${encodeURIComponent(path)}`)).body;

  it('keeps what is put, replaces it, lists it and gives it back', async () => {
    expect(await put(`${root}/model/MLmodel`, 'flavors: {}', 'text/plain')).toMatchObject({ status: 200, body: {} });
    expect(await put(`${root}/model/MLmodel`, 'flavors: {a: 1}')).toMatchObject({ status: 200 });
    expect(await put(`${root}/model/data.json`, '{}', 'application/json')).toMatchObject({ status: 200 });
    expect(await put(`${root}/empty.bin`, '')).toMatchObject({ status: 200 });
    expect(await list(root)).toEqual({
      files: [
        { path: 'empty.bin', is_dir: false, file_size: 0 },
        { path: 'model', is_dir: true },
      ],
    });
    expect(await list(`${root}/model/`)).toEqual({
      files: [
        { path: 'MLmodel', is_dir: false, file_size: 15 },
        { path: 'data.json', is_dir: false, file_size: 2 },
      ],
    });
    expect(await list(`${root}/model/MLmodel`)).toEqual({});
    expect(await list(`${root}/nothing`)).toEqual({});
    const answer = await download(`${root}/model/MLmodel`);
    expect([answer.statusCode, answer.body]).toEqual([200, 'flavors: {a: 1}']);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    expect(answer.headers['content-disposition']).toContain('attachment; filename="MLmodel"');
    const ofRun = await server.call('GET', 'artifacts/list', { run_id: runId, path: 'model' });
    expect(ofRun.body).toEqual({
      root_uri: `mlflow-artifacts:/${root}`,
      files: [
        { path: 'model/MLmodel', is_dir: false, file_size: 15 },
        { path: 'model/data.json', is_dir: false, file_size: 2 },
      ],
    });
  });

  it.each(['100% größe: 1 (a).png', 'emoji 🚢.txt', 'a+b&c=d.csv', 'v1..v2.txt'])('keeps the name %s', async (name) => {
    const path = `${root}/names/${encodeURIComponent(name)}`;
    expect(await put(path, name)).toMatchObject({ status: 200 });
    expect((await download(path)).body).toBe(name);
    expect(JSON.stringify(await list(`${root}/names`))).toContain(name);
  });

  it('answers a missing file and a folder with 404 in JSON', async () => {
    await put(`${root}/folder/file`, 'x');
    for (const path of [`${root}/nothing`, `${root}/folder`, `0/${runId}`, '0']) {
      const answer = await server.send('GET', `${FILES}/artifacts/${path}`);
      expect(answer).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
    }
    const page = await server.send('GET', `/get-artifact?run_uuid=${runId}&path=nothing`);
    expect(page).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
  });

  it('removes a file or a folder with everything in it, and never the root', async () => {
    await put(`${root}/gone/a`, '1');
    await put(`${root}/gone/b/c`, '2');
    const remove = (path: string) => server.send('DELETE', `${FILES}/artifacts/${path}`);
    expect(await remove(`${root}/gone`)).toMatchObject({ status: 200, body: {} });
    expect(await list(`${root}/gone`)).toEqual({});
    for (const path of ['', '.', '%2e', '%2F', '..%2f']) {
      const { status } = await remove(path);
      expect([path, status >= 400 && status < 500]).toEqual([path, true]);
    }
    expect(await list(root)).not.toEqual({});
  });

  it('gives the files of a run and of a logged model to web pages', async () => {
    await put(`${root}/page.html`, '<script>alert(1)</script>');
    const page = await server.app.inject({
      url: `/get-artifact?run_id=${runId}&path=page.html`,
      headers: { host: '127.0.0.1' },
    });
    expect(page.headers['content-disposition']).toMatch(/^attachment/);
    expect(page.headers['content-security-policy']).toContain('sandbox');
    const { model } = (await server.call('POST', 'logged-models', { experiment_id: '0', name: 'm' })).body;
    const { model_id } = model.info;
    await put(`0/models/${model_id}/artifacts/MLmodel`, 'flavors: {}');
    const directories = await server.call('GET', `logged-models/${model_id}/artifacts/directories`);
    expect(directories.body.files).toEqual([{ path: 'MLmodel', is_dir: false, file_size: 11 }]);
    const file = await server.send(
      'GET',
      `/ajax-api/2.0/mlflow/logged-models/${model_id}/artifacts/files?artifact_file_path=MLmodel`,
    );
    expect(file).toMatchObject({ status: 200, body: 'flavors: {}' });
    const version = { name: 'shown', source: `mlflow-artifacts:/${root}` };
    await server.call('POST', 'registered-models/create', { name: 'shown' });
    expect((await server.call('POST', 'model-versions/create', version)).status).toBe(200);
    const ofVersion = (query: string) => server.send('GET', `/model-versions/get-artifact?name=shown&${query}`);
    expect(await ofVersion('version=1&path=page.html')).toMatchObject({
      status: 200,
      body: '<script>alert(1)</script>',
    });
    expect(await ofVersion('version=1&path=nothing')).toMatchObject({ status: 404 });
    expect(await ofVersion('version=2&path=page.html')).toMatchObject({ status: 404 });
    expect(await ofVersion('version=x&path=page.html')).toMatchObject({ status: 400 });
    expect(await ofVersion('version=1&path=../../x')).toMatchObject({ status: 400 });
    const upload = (path: string, body: Buffer) =>
      server.send('POST', `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${runId}&path=${path}`, body, {
        'content-type': 'image/png',
      });
    expect(await upload('up.png', Buffer.from('png'))).toMatchObject({ status: 200 });
    expect((await download(`${root}/up.png`)).body).toBe('png');
    expect(await upload('big.bin', Buffer.alloc(10 * 1024 * 1024 + 1))).toMatchObject({ status: 413 });
    expect(await upload('..%2fup.png', Buffer.from('x'))).toMatchObject({ status: 400 });
  });

  it('takes a file in parts, again and in any order', async () => {
    const json = { 'content-type': 'application/json' };
    const send = (what: string, fields: object) =>
      server.send('POST', `${FILES}/mpu/${what}/${root}/parts`, JSON.stringify(fields), {
        ...json,
        authorization: 'Bearer x',
      });
    const created = await send('create', { path: '/tmp/somewhere/big.bin', num_parts: 2 });
    expect(created.status).toBe(200);
    const { upload_id, credentials } = created.body;
    const parts: { part_number: number; etag: unknown; url: string }[] = [];
    for (const { url, part_number, headers } of [...credentials].reverse()) {
      expect(headers).toEqual({ Authorization: 'Bearer x' });
      for (const body of ['first try', `part ${part_number};`]) {
        const answer = await server.send('PUT', new URL(url).pathname, body, headers);
        expect(answer.status).toBe(200);
        if (body !== 'first try') parts.unshift({ part_number, etag: answer.headers.etag, url });
      }
    }
    const done = await send('complete', { path: '/tmp/somewhere/big.bin', upload_id, parts });
    expect(done).toMatchObject({ status: 200, body: {} });
    expect((await download(`${root}/parts/big.bin`)).body).toBe('part 1;part 2;');
    const other = await send('create', { path: 'x.bin', num_parts: 1 });
    expect(await send('abort', { path: 'x.bin', upload_id: other.body.upload_id })).toMatchObject({ status: 200 });
    const late = await send('complete', { path: 'x.bin', upload_id: other.body.upload_id, parts: [] });
    expect(late).toMatchObject({ status: 404 });
  });
});
