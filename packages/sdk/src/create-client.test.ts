import { afterEach, describe, expect, it } from 'vitest';
import { createClient, isFairleadApiError } from './index.js';
import { type Answer, type SeenRequest, startTinyServer, type TinyServer } from './tiny-server.fixture.js';

const servers: TinyServer[] = [];
const serve = async (answer: (request: SeenRequest, index: number) => Answer) => {
  const server = await startTinyServer(answer);
  servers.push(server);
  return server;
};
const failureOf = async (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error as { code: string; message: string; remedy: string },
  );

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('what the client sends', () => {
  it('fills in paths and queries, sends the token and its name', async () => {
    const server = await serve(() => ({ body: { items: [], nextPageToken: null } }));
    const client = createClient({ url: `${server.url}/`, token: 'flt_x', userAgent: 'tests/1' });
    await client.models.versions('rain tomorrow/α');
    await client.runs.search({ experiment: 'a&b', limit: 2 });
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /api/v1/models/rain%20tomorrow%2F%CE%B1/versions',
      'GET /api/v1/runs?experiment=a%26b&limit=2',
    ]);
    expect(server.seen[0]?.headers).toMatchObject({ authorization: 'Bearer flt_x', 'user-agent': 'tests/1' });
  });

  it('never lets a parameter climb out of its place in the path', async () => {
    const server = await serve(() => ({ body: {} }));
    const client = createClient({ url: server.url });
    await expect(async () => client.models.get('..')).rejects.toThrow(TypeError);
    await expect(async () => client.runs.download('r', 'a/../../secret')).rejects.toThrow(TypeError);
    expect(server.seen).toEqual([]);
  });

  it('streams bytes up and down without touching them', async () => {
    const bytes = 'a\u0000é'.repeat(100_000);
    const server = await serve(({ method, body }) =>
      method === 'PUT' ? { status: 201, body: { path: 'x', digest: 'd', sizeBytes: body.length } } : { body: bytes },
    );
    const client = createClient({ url: server.url });
    const pieces = async function* () {
      for (let i = 0; i < 10; i += 1) yield new TextEncoder().encode('a\u0000é'.repeat(10_000));
    };
    await client.runs.upload('r1', 'plots/roc.png', { body: pieces() });
    expect(server.seen[0]).toMatchObject({
      method: 'PUT',
      url: '/api/v1/runs/r1/artifacts/plots/roc.png',
      body: bytes,
    });
    const { stream } = await client.runs.download('r1', 'plots/roc.png');
    expect(await new Response(stream).text()).toBe(bytes);
  });
});

describe('what the client makes of answers', () => {
  it('turns a refusal into an error with code, remedy, data and request id', async () => {
    const error = { code: 'REG_MODEL_NOT_FOUND', message: 'No.', remedy: 'List them.', data: { name: 'x' }, id: 'e1' };
    const server = await serve(() => ({ status: 404, body: { error: { ...error, requestId: 'q1' } } }));
    const failure = await failureOf(createClient({ url: server.url }).models.get('x'));
    expect(isFairleadApiError(failure)).toBe(true);
    expect(failure).toMatchObject({ ...error, requestId: 'q1', status: 404 });
  });

  it('says so when something else than Fairlead answers', async () => {
    const server = await serve(() => ({ status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad</h1>' }));
    const failure = await failureOf(createClient({ url: server.url }).models.list());
    expect(failure).toMatchObject({ code: 'SDK_BAD_ANSWER', status: 502 });
  });

  it('says how to start the server when nobody listens', async () => {
    const { url, close } = await startTinyServer(() => ({}));
    await close();
    const failure = await failureOf(createClient({ url, maxRetries: 1 }).models.list());
    expect(failure.code).toBe('SDK_UNREACHABLE');
    expect(failure.remedy).toContain('fairlead up');
  });

  it('sends reads again after 503 with Retry-After, and nothing else', async () => {
    const busy = { status: 503, headers: { 'retry-after': '0' }, body: { error: { code: 'BUSY', message: 'Later.' } } };
    const server = await serve((_, index) => (index < 2 ? busy : { body: { items: [] } }));
    expect(await createClient({ url: server.url }).models.list()).toEqual({ items: [] });
    expect(server.seen.length).toBe(3);
    const closed = await serve(() => busy);
    await failureOf(createClient({ url: closed.url }).releases.rollOut('r1'));
    expect(closed.seen.length).toBe(1);
  });

  it('gives up after its time limit', async () => {
    const server = await serve(() => ({ body: {} }));
    const stuck = createClient({ url: server.url, timeoutMs: 20, fetch: (_, init) => hang(init?.signal) });
    expect(await failureOf(stuck.models.list())).toMatchObject({ code: 'SDK_REQUEST_TIMEOUT' });
  });
});

describe('waiting', () => {
  it('looks until the job ended and shows each state', async () => {
    const states = ['queued', 'running', 'succeeded'];
    const server = await serve((_, index) => ({ body: { id: 'j', state: states[index], progress: { ratio: 0 } } }));
    const seen: string[] = [];
    const job = await createClient({ url: server.url }).jobs.wait('j', { onProgress: ({ state }) => seen.push(state) });
    expect(job.state).toBe('succeeded');
    expect(seen).toEqual(states);
  });

  it('ends when a release cannot come where it was waited for', async () => {
    const server = await serve(() => ({ body: { id: 'r', state: 'gates-failed' } }));
    const release = await createClient({ url: server.url }).releases.wait('r', ['released']);
    expect(release.state).toBe('gates-failed');
  });

  it('says what was waited for when time is up', async () => {
    const server = await serve(() => ({ body: { id: 'j', state: 'running' } }));
    const failure = await failureOf(createClient({ url: server.url }).jobs.wait('j', { timeoutMs: 60 }));
    expect(failure).toMatchObject({ code: 'SDK_WAIT_TIMEOUT' });
    expect(failure.message).toContain('job j');
  });
});

function hang(signal: AbortSignal | null | undefined): Promise<Response> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}
