import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type MlflowServer, type OpenDb, openMlflow } from './mlflow.fixture.js';
import { mlflowCalls } from './mlflow-calls.js';

type Body = Readonly<Record<string, unknown>>;

/** Calls that make something, sent again by clients that got no answer, over real connections. */
export function describeLostAnswers(engine: string, openDb: OpenDb): void {
  describe(`answers that do not arrive, on ${engine}`, () => {
    let server: MlflowServer;
    let url: URL;
    beforeAll(async () => {
      server = await openMlflow(undefined, openDb);
      url = new URL(await server.app.listen());
      const { body } = await server.call('POST', 'runs/create', { experiment_id: '0', run_name: 'first' });
      const source = `${body.run.info.artifact_uri}/model`;
      await server.call('POST', 'registered-models/create', { name: 'boats' });
      bodies['model-versions/create'] = { name: 'boats', source };
    });
    afterAll(() => server.close());

    /** What each call is sent, and where in its answer stands what it made. */
    const bodies: Record<string, Body> = {
      'experiments/create': { name: 'harbour' },
      'runs/create': {
        experiment_id: '0',
        run_name: 'twice',
        start_time: 7,
        tags: [{ key: 'mlflow.note.content', value: 'n' }],
      },
      'registered-models/create': { name: 'ships', tags: [{ key: 'k', value: 'v' }] },
      'logged-models': { experiment_id: '0', name: 'hull' },
      webhooks: {
        ...{ name: 'bell', url: 'https://example.org/', secret: 'x' },
        events: [{ entity: 'REGISTERED_MODEL', action: 'CREATED' }],
      },
    };
    // biome-ignore lint/suspicious/noExplicitAny: answers are judged by the tests, not by the compiler
    const identity = ({ body }: { body: any }) =>
      body.experiment_id ??
      body.run?.info.run_id ??
      body.registered_model?.name ??
      body.model_version?.version ??
      body.model?.info.model_id ??
      body.webhook?.webhook_id;

    /** Sends the call and hangs up behind its last byte. Ends when the server has ended the connection, too. */
    const hangUp = (path: string, body: Body) =>
      new Promise<void>((resolve, reject) => {
        const text = JSON.stringify(body);
        const socket = connect(Number(url.port), url.hostname);
        socket
          .resume()
          .once('close', () => resolve())
          .once('error', reject);
        socket.end(
          `POST /api/2.0/mlflow/${path} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\n` +
            `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
        );
      });
    const send = async (path: string, body: Body) => {
      const answer = await fetch(new URL(`/api/2.0/mlflow/${path}`, url), {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
      return { status: answer.status, body: await answer.json() };
    };
    /** The events about things of a kind, one for each that was made. */
    const made = async (path: string) => {
      const kind = mlflowCalls.find((call) => call.path === path && call.makes !== undefined)?.makes;
      return server.events(kind ?? 'none');
    };

    it.each([...Object.keys(bodies), 'model-versions/create'])(
      '%s is done once, however often it is cut',
      async (path) => {
        const body = bodies[path] as Body;
        const before = await made(path);
        await hangUp(path, body);
        await hangUp(path, body);
        const answer = await send(path, body);
        expect(answer.status).toBe(200);
        expect(await made(path)).toBe(before + 1);
        expect(identity(answer)).toBeTruthy();
      },
    );

    it('makes a second thing when the first answer arrived, over the same connection or another', async () => {
      const body = { name: 'boats', source: bodies['model-versions/create']?.source };
      const versions = [];
      for (let i = 0; i < 3; i += 1) versions.push(identity(await send('model-versions/create', body)));
      versions.push(identity(await server.call('POST', 'model-versions/create', body)));
      expect(new Set(versions).size).toBe(4);
    });

    it('is told of what there is: what was deleted meanwhile is made anew', async () => {
      await hangUp('experiments/create', { name: 'quay' });
      // The connection is gone before the change is committed.
      const { body } = await vi.waitFor(async () => {
        const found = await server.call('GET', 'experiments/get-by-name', { experiment_name: 'quay' });
        expect(found.status).toBe(200);
        return found;
      });
      await server.call('POST', 'experiments/delete', { experiment_id: body.experiment.experiment_id });
      const again = await send('experiments/create', { name: 'quay' });
      expect(again.status).toBe(200);
      expect(identity(again)).not.toBe(body.experiment.experiment_id);
    });

    it('is marked on every call that makes a new thing', () => {
      const marked = mlflowCalls.filter(({ makes }) => makes !== undefined).map(({ path }) => path);
      expect(marked.sort()).toEqual(Object.keys(bodies).sort());
    });
  });
}
