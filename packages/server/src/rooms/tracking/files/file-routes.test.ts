import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { systemClock } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestSqlite, type TestDb } from '../../../platform/db/testing.js';
import { openTestServer } from '../../../platform/http/http.fixture.js';
import type { App } from '../../../platform/http/index.js';
import { createLocalObjectStore } from '../../../platform/objects/index.js';
import { createTracking } from '../create-tracking.js';
import { trackingMigrations } from '../tracking-migrations.js';
import { trackingRoutes } from '../tracking-routes.js';
import type { TrackingService } from '../tracking-types.js';

const scientist = { kind: 'user' as const, id: 'ada', roles: ['data-scientist' as const], authenticated: true };

/** Paths as they stand in an address: none may be read, written or removed, whatever is decoded where. */
const ATTACKS = [
  '..%2f..%2f..%2fetc%2fpasswd',
  'a%2f..%2f..%2fb',
  '%2e%2e%2fetc',
  '%252e%252e%252fetc',
  '%25252e%25252e%25252fetc',
  '..%252f..%252fetc',
  '%2fetc%2fpasswd',
  '%252fetc%252fpasswd',
  '/etc/passwd',
  '//etc/passwd',
  'a//b',
  '..%5c..%5cetc',
  '..%255c..%255cetc',
  '%5c%5chost%5cshare',
  'C:%5cwindows',
  'C:/windows',
  'C%3a/windows',
  '%43%253a/windows',
  'a%00.txt',
  'a%2500.txt',
  'a%0d%0aset-cookie:x',
  '%c0%ae%c0%ae/etc',
  '%25c0%25ae%25c0%25ae/etc',
  '%e0%80%ae%e0%80%ae/etc',
  '%ff%fe',
  '%ef%bc%8e%ef%bc%8e/etc',
  '%e2%80%a5/etc',
  '%ef%bc%8e%ef%bc%8e%ef%bc%8fetc',
  '.',
  '%2e',
  '..',
  './a',
  'a/%2e',
  `${'a'.repeat(256)}`,
  `${'abcdefghi/'.repeat(201)}x`,
];

describe('the API of files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-file-api-'));
  let test: TestDb;
  let app: App;
  let tracking: TrackingService;
  let address: string;
  let runId: string;
  const call = async (method: string, path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${address}${path}`, { method, ...init });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) };
  };
  beforeAll(async () => {
    test = await openTestSqlite([trackingMigrations]);
    const objects = createLocalObjectStore(folder);
    tracking = createTracking({ db: test.db, objects, clock: systemClock, version: '0.0.0' });
    ({ app } = await openTestServer({}, { identify: async () => scientist }));
    await app.register(trackingRoutes({ tracking }));
    address = await app.listen({ host: '127.0.0.1', port: 0 });
    runId = (await tracking.startRun({ actor: scientist }, { experiment: 'files' })).id;
  });
  afterAll(async () => {
    // Idle ones alone would leave a connection whose last answer the client has read and the server not yet finished.
    app.server.closeAllConnections();
    await app.close();
    await test.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps names as they are: percent signs, spaces, colons and every script', async () => {
    const names = ['100%.txt', '100%25.txt', 'a b:c/ü é.txt', 'データ/模型 #1?.bin', 'a+b&c=d;e', "it's (1)!*.txt"];
    for (const name of names) {
      const path = `/api/v1/files/names/${name.split('/').map(encodeURIComponent).join('/')}`;
      const put = await call('PUT', path, { body: name });
      expect([put.status, put.json().path]).toEqual([201, `names/${name}`]);
      expect((await call('GET', path)).text).toBe(name);
    }
    const listed = await call('GET', '/api/v1/files?folder=names');
    expect(listed.json().items.map(({ name }: { name: string }) => name)).toEqual(
      [...new Set(names.map((name) => name.split('/')[0]))].sort(),
    );
  });

  it.each(ATTACKS)('refuses %s with a code, and nothing is read, written or removed', async (attack) => {
    const before = everything(folder);
    for (const at of [`/api/v1/files/${attack}`, `/api/v1/runs/${runId}/artifacts/${attack}`]) {
      for (const method of ['PUT', 'GET', 'DELETE']) {
        const answer = await send(address, method, at, method === 'PUT' ? 'x' : undefined);
        expect([method, at, answer.status]).toEqual([method, at, expect.toSatisfy((s: number) => s >= 400 && s < 500)]);
        expect(answer.body.error.code).toMatch(/^(TRK_ARTIFACT_PATH_INVALID|HTTP_)/);
      }
    }
    const path = decoded(attack);
    if (path !== undefined) {
      const begun = await send(address, 'POST', '/api/v1/uploads', JSON.stringify({ path, parts: 1 }));
      expect([begun.status, begun.body.error.code]).toEqual([400, expect.stringMatching(/^(TRK_ARTIFACT_PATH|HTTP_)/)]);
    }
    expect(everything(folder)).toEqual(before);
  });

  it('gives a range of a file, so that a download can go on', async () => {
    await call('PUT', '/api/v1/files/range.txt', { body: '0123456789' });
    const get = (headers: Record<string, string>) => call('GET', '/api/v1/files/range.txt', { headers });
    const part = await get({ range: 'bytes=3-5' });
    expect([part.status, part.text, part.headers.get('content-range')]).toEqual([206, '345', 'bytes 3-5/10']);
    const etag = part.headers.get('etag') ?? '';
    expect(etag).toBe(`"${createHash('sha256').update('0123456789').digest('hex')}"`);
    expect((await get({ range: 'bytes=8-', 'if-range': etag })).text).toBe('89');
    expect((await get({ range: 'bytes=8-', 'if-range': '"other"' })).text).toBe('0123456789');
    expect((await get({ 'if-none-match': etag })).status).toBe(304);
    const beyond = await get({ range: 'bytes=10-' });
    expect([beyond.status, beyond.json().error.code, beyond.headers.get('content-range')]).toEqual([
      416,
      'HTTP_RANGE_UNSATISFIABLE',
      'bytes */10',
    ]);
    expect(Object.fromEntries(part.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-type': 'application/octet-stream',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': expect.stringMatching(/^attachment; filename="range.txt"/),
    });
  });

  it('logs a model with its files, and says what a run read and made', async () => {
    const json = (body: unknown) => ({ body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    const { experimentId } = await tracking.run(runId);
    const request = { experimentId, name: 'rain', sourceRunId: runId, tags: { a: '1' } };
    const made = await call('POST', '/api/v1/logged-models', json(request));
    const { id, artifactRoot } = made.json();
    expect([made.status, made.json().status]).toEqual([201, 'pending']);
    const file = `/api/v1/files/${artifactRoot.replace('artifacts:/', '')}/MLmodel`;
    expect((await call('PUT', file, { body: 'flavors: {}' })).status).toBe(201);
    const point = {
      key: 'auc',
      value: Number.NaN,
      step: 0,
      timestampMs: 1,
      runId,
      datasetName: 'd',
      datasetDigest: '1',
    };
    await tracking.logBatch({ actor: scientist }, runId, { modelMetrics: [{ ...point, modelId: id }] });
    await tracking.inputs.logOutputs({ actor: scientist }, runId, [{ modelId: id, step: 2 }]);
    const change = { status: 'ready', tags: { a: null, b: '2' } };
    const ready = await call('PATCH', `/api/v1/logged-models/${id}`, json(change));
    expect(ready.json()).toMatchObject({ status: 'ready', tags: { b: '2' }, metrics: [{ ...point, value: 'NaN' }] });
    expect((await call('GET', `/api/v1/logged-models/${id}`)).json()).toEqual(ready.json());
    const listed = await call('GET', `/api/v1/logged-models?experimentId=${experimentId}&orderByMetric=auc`);
    expect(listed.json()).toEqual({ items: [ready.json()], nextPageToken: null });
    expect((await call('GET', `/api/v1/runs/${runId}/links`)).json()).toEqual({
      datasets: [],
      modelInputs: [],
      modelOutputs: [{ modelId: id, step: 2 }],
    });
    expect((await call('DELETE', `/api/v1/logged-models/${id}`)).status).toBe(204);
    expect((await call('GET', `/api/v1/logged-models/${id}`)).json().error.code).toBe('TRK_MODEL_NOT_FOUND');
    expect((await call('GET', '/api/v1/runs/nobody/links')).status).toBe(404);
  });

  it('takes an upload in parts over HTTP', async () => {
    const json = (body: unknown) => ({ body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    const begun = await call('POST', '/api/v1/uploads', json({ path: 'parts/x.bin', parts: 2 }));
    const { uploadId } = begun.json();
    expect(begun.status).toBe(201);
    const first = await call('PUT', `/api/v1/uploads/${uploadId}/parts/1`, { body: 'one ' });
    expect(first.headers.get('etag')).toBe(`"${first.json().etag}"`);
    const soon = await call('POST', `/api/v1/uploads/${uploadId}/complete`, json({ parts: [] }));
    expect([soon.status, soon.json().error.data.missing]).toEqual([409, [2]]);
    const second = await call('PUT', `/api/v1/uploads/${uploadId}/parts/2`, { body: 'two' });
    const { parts } = (await call('GET', `/api/v1/uploads/${uploadId}`)).json();
    expect(parts).toEqual([first.json(), second.json()]);
    const named = parts.map(({ partNumber, etag }: { partNumber: number; etag: string }) => ({ partNumber, etag }));
    const done = await call('POST', `/api/v1/uploads/${uploadId}/complete`, json({ parts: named }));
    expect([done.status, done.json().sizeBytes]).toEqual([200, 7]);
    expect((await call('GET', '/api/v1/files/parts/x.bin')).text).toBe('one two');
    expect((await call('PUT', `/api/v1/uploads/${uploadId}/parts/1`, { body: 'x' })).status).toBe(409);
    const other = (await call('POST', '/api/v1/uploads', json({ path: 'parts/y.bin', parts: 1 }))).json();
    expect((await call('PUT', `/api/v1/uploads/${other.uploadId}/parts/2`, { body: 'x' })).status).toBe(400);
    expect((await call('DELETE', `/api/v1/uploads/${other.uploadId}`)).status).toBe(204);
    expect((await call('GET', `/api/v1/uploads/${other.uploadId}`)).status).toBe(404);
  });

  it('keeps nothing of an upload whose client goes away in the middle', async () => {
    const gone = new AbortController();
    const body = Readable.from(
      (async function* () {
        yield Buffer.alloc(1 << 20, 1);
        gone.abort();
        yield Buffer.alloc(1 << 20, 2);
      })(),
    );
    const init = { method: 'PUT', body: Readable.toWeb(body), duplex: 'half', signal: gone.signal } as RequestInit;
    await expect(fetch(`${address}/api/v1/files/half.bin`, init)).rejects.toThrow();
    await expect.poll(() => leftovers(folder)).toEqual([]);
    expect((await call('GET', '/api/v1/files/half.bin')).status).toBe(404);
  });

  it('streams 100 MB up and down without holding them', async () => {
    const piece = Buffer.alloc(1 << 20, 5);
    const startBytes = process.memoryUsage.rss();
    let peakBytes = 0;
    const body = Readable.from(
      (async function* () {
        for (let i = 0; i < 100; i++) {
          peakBytes = Math.max(peakBytes, process.memoryUsage.rss() - startBytes);
          yield piece;
        }
      })(),
    );
    const init = { method: 'PUT', body: Readable.toWeb(body), duplex: 'half' } as RequestInit;
    const put = await fetch(`${address}/api/v1/files/large.bin`, init);
    expect(await put.json()).toMatchObject({ sizeBytes: 100 * piece.length });
    const got = await fetch(`${address}/api/v1/files/large.bin`);
    let sizeBytes = 0;
    for await (const chunk of got.body ?? []) {
      sizeBytes += chunk.byteLength;
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss() - startBytes);
    }
    expect(sizeBytes).toBe(100 * piece.length);
    expect(peakBytes).toBeLessThan(90_000_000);
  });
});

/** Every file in the folder that is no object of this test run's own reading. */
function everything(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}

function leftovers(folder: string): string[] {
  return existsSync(join(folder, 'staging')) ? readdirSync(join(folder, 'staging')) : [];
}

/** Sends the target as it is: fetch would resolve `..` before it leaves. */
async function send(address: string, method: string, target: string, body?: string) {
  const { request } = await import('node:http');
  const { hostname, port } = new URL(address);
  const type = method === 'POST' ? 'application/json' : 'application/octet-stream';
  const headers = body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) };
  return new Promise<{ status: number; body: { error: { code: string } } }>((resolve, reject) => {
    const asked = request({ hostname, port, method, path: target, headers }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      resolve({ status: answer.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) });
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

/** Undefined for what is no UTF-8. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
