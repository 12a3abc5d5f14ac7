import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type MlflowServer, type OpenDb, openMlflow } from './mlflow.fixture.js';
import { mlflowCalls } from './mlflow-calls.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const FILES = '/api/2.0/mlflow-artifacts';

/** Ways out of a folder: plain, encoded once and more, overlong, by look-alikes, absolute, by drive, and by control characters. */
const WAYS_OUT = [
  ...['..', '../x', 'a/../../x', '/etc/passwd', '//etc/passwd', 'a//b', '\\..\\x', 'C:\\x', 'C:/x', '\\\\host\\share'],
  ...['%2e%2e/x', '%252e%252e/x', '%25252e%25252e%25252fx', '..%2fx', '..%5cx', '%c0%ae%c0%ae/x'],
  ...['․․/x', '．．/x', 'a/．．/x', '%ef%bc%8e%ef%bc%8e/x', 'a\u0000b', 'a\nb', './x', '.', 'a/./b'],
];

/** Each class of attack that reaches the face; run on every engine, since each refuses other values by itself. */
export function describeHostileInput(engine: string, openDb: OpenDb): void {
  describe(`hostile input on ${engine}`, () => {
    let server: MlflowServer;
    let runId: string;
    let address: string;
    beforeAll(async () => {
      server = await openMlflow(undefined, openDb);
      address = await server.app.listen({ port: 0, host: '127.0.0.1' });
      runId = (await server.call('POST', 'runs/create', { experiment_id: '0' })).body.run.info.run_id;
      await server.send('PUT', `${FILES}/artifacts/0/${runId}/artifacts/file`, 'x', { 'content-type': 'text/plain' });
    });
    afterAll(() => server.close());

    const expectRefused = (what: unknown, { status, body }: Answer) => {
      expect([what, status, status >= 400 && status < 500]).toEqual([what, status, true]);
      expect(typeof body.error_code, JSON.stringify([what, body])).toBe('string');
      expect(body.message).not.toMatch(/select |insert |sqlite|\/tmp\/|node_modules/i);
    };

    it.each(WAYS_OUT)('finds no way out through the path %j', async (path) => {
      const encoded = encodeURIComponent(path);
      for (const spelled of new Set([encoded, path.includes('%') ? path : encoded])) {
        const below = `${FILES}/artifacts/0/${runId}/artifacts/${spelled}`;
        for (const method of ['GET', 'PUT', 'DELETE'] as const) {
          expectRefused([method, below], await sendRaw(method, below, method === 'PUT' ? 'x' : undefined));
        }
        const create = `${FILES}/mpu/create/0/${spelled}`;
        expectRefused(['mpu', spelled], await sendRaw('POST', create, '{"path":"x","num_parts":1}'));
        const pages = [
          `/get-artifact?run_id=${runId}&path=${spelled}`,
          `/api/2.0/mlflow/artifacts/list?run_id=${runId}&path=${spelled}`,
          `${FILES}/artifacts?path=${spelled}`,
        ];
        for (const url of pages) {
          const answer = await sendRaw('GET', url);
          if (answer.status !== 200) expectRefused(url, answer);
          // A listing may call a harmless path empty, and never shows what is above.
          else expect(answer.body.files).toBeUndefined();
        }
      }
      expect(await server.send('GET', `${FILES}/artifacts?path=0`)).toMatchObject({
        body: { files: [{ path: runId }] },
      });
    });

    /** As it stands on the wire: every other client resolves dots before it sends. */
    const sendRaw = (method: string, path: string, payload?: string): Promise<Answer> =>
      new Promise((resolve, reject) => {
        const url = new URL(address);
        const headers = payload === undefined ? {} : JSON_TYPE;
        const sent = request({ host: url.hostname, port: url.port, method, path, headers }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
            resolve({ status: response.statusCode ?? 0, body, headers: response.headers });
          });
        });
        sent.on('error', reject);
        sent.end(payload);
      });

    const VALUES: readonly unknown[] = [
      ...[
        null,
        true,
        3,
        -1,
        1.5,
        1e300,
        '',
        ' ',
        'x',
        'x'.repeat(9000),
        '\u{1f6a2}',
        "'; drop table runs; --",
        '%',
        '..',
      ],
      ...[
        [],
        [null],
        [[]],
        [3],
        {},
        { key: {} },
        [{}],
        [{ key: 'k', value: 3 }],
        [{ key: '', value: '' }],
        '9'.repeat(40),
      ],
    ];

    it('never makes a call fail on the server, whatever a field holds', async () => {
      const names = [
        'experiment_id',
        'run_id',
        'name',
        'key',
        'value',
        'timestamp',
        'step',
        'tags',
        'metrics',
        'params',
      ];
      names.push(
        'filter',
        'order_by',
        'max_results',
        'page_token',
        'experiment_ids',
        'status',
        'datasets',
        'models',
        'path',
      );
      names.push('metric_key', 'run_ids', 'model_json', 'new_name', 'artifact_location', 'start_time', 'end_time');
      const good = {
        experiment_id: '0',
        run_id: runId,
        key: 'k',
        name: 'n',
        timestamp: 1,
        value: '1',
        experiment_ids: ['0'],
      };
      const attempts = [
        ...VALUES.map((value) => Object.fromEntries(names.map((name) => [name, value]))),
        ...VALUES.slice(0, 8).map((value) => Object.fromEntries(names.slice(2).map((name) => [name, value]))),
        ...names.map((name) => ({ [name]: { odd: [] } })),
      ];
      for (const { methods, path } of mlflowCalls) {
        for (const attempt of attempts) {
          const answer = await server.call(methods[0] ?? 'GET', path.replace(/:\w+/g, 'x'), { ...good, ...attempt });
          if (answer.status !== 200) expectRefused([path, attempt], answer);
        }
      }
    }, 300_000);

    it('never fails on ids that are no ids', async () => {
      const ids = ['..', '%2e%2e', '%00', 'a%2fb', 'x'.repeat(3000), '%', '%zz', '\u202e', "'", '__proto__'];
      for (const id of ids) {
        const spelled = id.includes('%') ? id : encodeURIComponent(id);
        for (const url of [
          `/api/2.0/mlflow/runs/get?run_id=${spelled}`,
          `/api/2.0/mlflow/experiments/get?experiment_id=${spelled}`,
          `/api/2.0/mlflow/logged-models/${spelled}`,
          `/get-artifact?run_id=${spelled}&path=x`,
        ]) {
          expectRefused(url, await server.send('GET', url));
        }
      }
    });
  });
}
