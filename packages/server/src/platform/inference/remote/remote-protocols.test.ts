import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { NamedTensor } from '../inference-types.js';
import { mlflowProtocol } from './mlflow-protocol.js';
import type { ModelProtocol } from './model-protocol.js';
import { oipProtocol } from './oip-protocol.js';
import { openRemoteModel } from './open-remote-model.js';

type Answer = (path: string, body: Buffer, headers: IncomingMessage['headers']) => { status?: number; json: unknown };

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A model behind a server that answers so. */
async function open(protocol: ModelProtocol, answer: Answer) {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { status = 200, json } = answer(request.url ?? '', Buffer.concat(chunks), request.headers);
    response.writeHead(status).end(JSON.stringify(json));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const limits = { timeoutMs: 5_000, concurrency: 2, maxQueue: 4, digest: 'd', allowPrivate: true };
  return (await openRemoteModel({ ...limits, url, protocol })).model;
}

const column = (name: string, ...cells: number[]): NamedTensor => {
  return { name, datatype: 'FP32', shape: [cells.length, 1], data: Float32Array.from(cells) };
};

describe('a server whose model has one input for all columns', () => {
  /** Gives the rows back as it got them. */
  const echo =
    (datatype: string, width: number): Answer =>
    (path, body, headers) => {
      if (path === '/v2') return { json: { extensions: ['binary_tensor_data'] } };
      if (!path.endsWith('/infer')) {
        const inputs = [{ name: 'X', datatype, shape: [-1, width] }];
        return { json: { name: 'm', inputs, outputs: [{ name: 'scores', datatype: 'FP64', shape: [-1, width] }] } };
      }
      const at = Number(headers['inference-header-content-length']);
      const { inputs, outputs } = JSON.parse(body.subarray(0, at).toString()) as {
        inputs: { name: string; shape: number[] }[];
        outputs: { name: string }[];
      };
      const size = datatype === 'FP32' ? 4 : 8;
      const data = Array.from({ length: (body.length - at) / size }, (_, i) => {
        const place = at + size * i;
        if (datatype === 'FP32') return body.readFloatLE(place);
        return datatype === 'FP64' ? body.readDoubleLE(place) : Number(body.readBigInt64LE(place));
      });
      const tensor = { name: outputs[0]?.name, datatype: 'FP64', shape: inputs[0]?.shape, data };
      return { json: { outputs: [tensor] } };
    };

  it.each(['FP32', 'FP64', 'INT64'])('gets the columns as rows of %s, in the declared order', async (datatype) => {
    const matrix = { input: 'X', columns: ['b', 'a'] };
    const model = await open(
      oipProtocol({ model: 'm', matrix, outputNames: { prediction: 'scores' } }),
      echo(datatype, 2),
    );
    expect(model.inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['b', [-1, 1]],
      ['a', [-1, 1]],
    ]);
    const { outputs } = await model.run([column('a', 1, 2, 3), column('b', 10, 20, 30)]);
    expect(outputs).toMatchObject([{ name: 'prediction', shape: [3, 2] }]);
    expect([...(outputs[0]?.data ?? [])]).toEqual([10, 1, 20, 2, 30, 3]);
  });

  it('is refused when its input has another width, or another name', async () => {
    const protocol = (input: string) => oipProtocol({ model: 'm', matrix: { input, columns: ['a', 'b'] } });
    await expect(open(protocol('X'), echo('FP32', 3))).rejects.toMatchObject({
      code: 'INF_REMOTE_ANSWER',
      message: expect.stringContaining('X FP32 [-1, 3]'),
    });
    await expect(open(protocol('Y'), echo('FP32', 2))).rejects.toMatchObject({ code: 'INF_REMOTE_ANSWER' });
  });
});

describe('a server that does not say that it takes binary tensors', () => {
  it('gets JSON, and nothing that JSON cannot say', async () => {
    const seen: unknown[] = [];
    const answer: Answer = (path, body) => {
      if (path === '/v2') return { json: { name: 'mlserver', extensions: [] } };
      const inputs = [
        { name: 'wind', datatype: 'FP32', shape: [-1, 1] },
        { name: 'sky', datatype: 'BYTES', shape: [-1, 1] },
      ];
      const output = { name: 'prediction', datatype: 'FP64', shape: [2] };
      if (!path.endsWith('/infer')) return { json: { name: 'm', inputs, outputs: [{ ...output, shape: [-1] }] } };
      seen.push(JSON.parse(body.toString()));
      return { json: { outputs: [{ ...output, data: [1, 2.5] }] } };
    };
    const model = await open(oipProtocol({ model: 'm' }), answer);
    const sky: NamedTensor = { name: 'sky', datatype: 'BYTES', shape: [2, 1], data: ['grey', 'clear'] };
    const { outputs } = await model.run([column('wind', 0.5, 2), sky]);
    expect([...(outputs[0]?.data ?? [])]).toEqual([1, 2.5]);
    expect(seen).toEqual([
      {
        inputs: [
          { name: 'wind', datatype: 'FP32', shape: [2, 1], data: [0.5, 2] },
          { name: 'sky', datatype: 'BYTES', shape: [2, 1], data: ['grey', 'clear'] },
        ],
        outputs: [{ name: 'prediction' }],
      },
    ]);
    await expect(model.run([column('wind', Number.NaN, 2), sky])).rejects.toMatchObject({ code: 'INF_RUN_FAILED' });
    expect(seen).toHaveLength(1);
  });
});

describe('a server with the scoring protocol of MLflow', () => {
  const columns = [
    { name: 'wind', type: 'number', nullable: true },
    { name: 'dry', type: 'boolean', nullable: false },
  ] as const;
  const examples = [column('wind', 0.1, 0.2), column('dry', 0, 1)];
  const rowsOf = (body: Buffer) =>
    (JSON.parse(body.toString()) as { dataframe_split: { data: unknown[][] } }).dataframe_split.data;
  const answering =
    (predict: (row: unknown[], at: number) => unknown): Answer =>
    (path, body) => ({ json: path === '/ping' ? {} : { predictions: rowsOf(body).map(predict) } });
  const outputsOf = async (labels: readonly string[], answer: Answer) => {
    const model = await open(mlflowProtocol({ columns, labels, examples }), answer);
    const { outputs } = await model.run([column('wind', 0.1, Number.NaN, 7), column('dry', 1, 0, 0)]);
    return Object.fromEntries(outputs.map(({ name, data }) => [name, [...data]]));
  };

  it('gets the numbers that the caller wrote, true and false, and null for what is missing', async () => {
    const seen: unknown[] = [];
    const answer = answering((row) => {
      seen.push(row);
      return 0;
    });
    await outputsOf([], answer);
    expect(seen.slice(2)).toEqual([
      [0.1, true],
      [null, false],
      [7, false],
    ]);
  });

  it.each([
    ['the only tensor', null],
    ['a tensor by its name', 'X'],
  ])('gets rows as %s of a model that has no columns', async (_, name) => {
    const seen: unknown[] = [];
    const answer: Answer = (path, body) => {
      if (path === '/ping') return { json: {} };
      const { inputs } = JSON.parse(body.toString()) as { inputs: unknown };
      seen.push(inputs);
      const rows = (name === null ? inputs : (inputs as Record<string, unknown>)[name]) as unknown[];
      return { json: { predictions: rows.map(() => 1) } };
    };
    const model = await open(mlflowProtocol({ columns, labels: [], examples, tensor: { name } }), answer);
    await model.run([column('wind', 0.1, 7), column('dry', 1, 0)]);
    const rows = [
      [0.1, true],
      [7, false],
    ];
    expect(seen.at(-1)).toEqual(name === null ? rows : { X: rows });
  });

  it.each([
    ['a label', ['no', 'yes'], () => 'yes', { label: ['yes', 'yes', 'yes'] }],
    ['a number as label', ['0', '1'], () => 1, { label: ['1', '1', '1'] }],
    ['a number', [], (_: unknown, at: number) => at / 2, { prediction: [0, 0.5, 1] }],
    ['several numbers', [], () => [1, 2], { prediction: [1, 2, 1, 2, 1, 2] }],
    ['numbers by name', [], () => ({ low: 1, high: 2 }), { low: [1, 1, 1], high: [2, 2, 2] }],
    [
      'probabilities',
      ['no', 'yes'],
      () => [0.25, 0.75],
      { label: ['yes', 'yes', 'yes'], probabilities: [0.25, 0.75, 0.25, 0.75, 0.25, 0.75] },
    ],
    [
      'probabilities by label',
      ['no', 'yes'],
      () => ({ yes: 0.25, no: 0.75 }),
      { label: ['no', 'no', 'no'], probabilities: [0.75, 0.25, 0.75, 0.25, 0.75, 0.25] },
    ],
  ])('may give %s per row', async (_, labels, predict, wanted) => {
    expect(await outputsOf(labels, answering(predict))).toEqual(wanted);
  });

  it.each([
    ['more probabilities than labels', ['no', 'yes'], answering(() => [0.2, 0.3, 0.5])],
    ['names that are no labels', ['no', 'yes'], answering(() => ({ maybe: 1 }))],
    ['a text where numbers are wanted', [], answering(() => 'yes')],
    ['fewer predictions than rows', [], () => ({ json: { predictions: [1] } })],
    ['no predictions', [], () => ({ json: { outputs: [1] } })],
    ['a shape that changes', ['no', 'yes'], answering((_, at) => (at === 2 ? [1] : [0.5, 0.5]))],
  ] as [string, string[], Answer][])('is refused with %s', async (_, labels, answer) => {
    await expect(outputsOf(labels, answer)).rejects.toMatchObject({ code: 'INF_REMOTE_ANSWER' });
  });

  it('is told apart by its status: the rows, the server, or later', async () => {
    const status = (code: number): Answer => {
      const said = { error_code: 'BAD_REQUEST', message: 'No such sky.', stack_trace: 'Traceback …' };
      return (path) => (path === '/ping' ? { json: {} } : { status: code, json: said });
    };
    await expect(outputsOf([], status(400))).rejects.toMatchObject({
      code: 'INF_RUN_FAILED',
      message: 'The model server answers 400: No such sky.',
    });
    await expect(outputsOf([], status(503))).rejects.toMatchObject({ code: 'INF_OVERLOADED' });
    await expect(outputsOf([], status(500))).rejects.toMatchObject({ code: 'INF_REMOTE_FAILED' });
  });
});
