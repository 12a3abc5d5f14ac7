import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineer, openTestRoutes, type TestRoutes } from '../serving-routes.fixture.js';

let routes: TestRoutes;
beforeAll(async () => {
  routes = await openTestRoutes();
});
afterAll(() => routes.dispose());

const get = (url: string) => routes.app.inject({ method: 'GET', url });
const infer = (payload: unknown, { model = 'rain', headers = {} }: { model?: string; headers?: object } = {}) =>
  routes.app.inject({
    method: 'POST',
    url: `/v2/models/${model}/infer`,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });

const tensor = (name: string, datatype: string, shape: unknown, data: unknown) => ({ name, datatype, shape, data });
const wind = (data: unknown = [0.95, 0.05], shape: unknown = [2, 1]) => tensor('wind', 'FP32', shape, data);
const holiday = tensor('holiday', 'FP32', [2, 1], [0, 1]);
const sky = tensor('sky', 'BYTES', [2, 1], ['grey', 'clear']);
const good = { inputs: [wind(), holiday, sky] };
const withWind = (input: unknown) => ({ inputs: [input, holiday, sky] });

describe('the Open Inference Protocol', () => {
  it.each(['/v2', '/v2/'])('tells at %s about the server and names the extensions that work', async (url) => {
    expect((await get(url)).json()).toEqual({
      name: 'fairlead',
      version: '1.2.3',
      extensions: ['binary_tensor_data', 'model_repository', 'parameters', 'statistics'],
    });
  });

  it('is live and ready', async () => {
    expect((await get('/v2/health/live')).json()).toEqual({ live: true });
    const ready = await get('/v2/health/ready');
    expect([ready.statusCode, ready.json()]).toEqual([200, { ready: true, live: true }]);
  });

  it('describes a model, with and without version', async () => {
    const answer = (await get('/v2/models/rain')).json();
    expect(answer).toMatchObject({
      name: 'rain',
      versions: expect.arrayContaining(['1', '2']),
      platform: 'onnx_onnxv1',
      inputs: [
        { name: 'wind', datatype: 'FP32', shape: [-1, 1] },
        { name: 'holiday', datatype: 'FP32', shape: [-1, 1] },
        { name: 'sky', datatype: 'BYTES', shape: [-1, 1] },
      ],
      outputs: [
        { name: 'label', datatype: 'BYTES', shape: [-1] },
        { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] },
      ],
    });
    expect((await get('/v2/models/rain/versions/2')).json().inputs).toEqual(answer.inputs);
    expect((await get('/v2/models/rain/ready')).json()).toEqual({ name: 'rain', ready: true });
    expect((await get('/v2/models/rain/versions/2/ready')).statusCode).toBe(200);
    expect((await get('/v2/models')).json()).toEqual({ models: ['rain'] });
  });

  it.each([
    '/v2/models/snow',
    '/v2/models/snow/ready',
    '/v2/models/rain/versions/9',
    '/v2/models/rain/versions/x',
    '/v2/models/rain/versions/9/ready',
    '/v2/nothing',
    '/v2/models/rain/versions/1.5',
  ])('answers 404 with an error text at %s', async (url) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toEqual({ error: expect.any(String) });
  });

  it('answers 409 where nothing is routed', async () => {
    expect((await get('/v2/models/rain@staging/ready')).statusCode).toBe(409);
    expect((await infer(good, { model: 'rain@staging' })).json()).toEqual({
      error: expect.stringContaining('staging'),
    });
  });

  it('predicts, names the version and echoes the id', async () => {
    const answer = await infer({ id: 'mine', ...good });
    expect(answer.statusCode).toBe(200);
    const { outputs, ...head } = answer.json();
    expect(head).toEqual({ model_name: 'rain', model_version: '1', id: 'mine' });
    expect(outputs[0]).toEqual({ name: 'label', datatype: 'BYTES', shape: [2], data: ['yes', 'no'] });
    expect(outputs[1]).toMatchObject({ name: 'probabilities', datatype: 'FP32', shape: [2, 2] });
    expect(outputs[1].data).toHaveLength(4);
    expect(answer.headers['x-fairlead-model-version']).toBe('1');
  });

  it('makes an id when none is given and joins rows by the one that is', async () => {
    expect((await infer(good)).json().id).toMatch(/\w+/);
    await infer({ id: 'batch-7', ...good });
    const rows = await routes.running.serving.captured({ endpoint: 'rain', environment: 'production', last: 2 });
    expect(rows.map(({ id }) => id)).toEqual(['batch-7/0', 'batch-7/1']);
    expect(rows[0]?.inputs).toEqual({ wind: expect.closeTo(0.95, 5), holiday: 0, sky: 'grey' });
  });

  it('answers from the version in the path', async () => {
    const answer = await routes.app.inject({ method: 'POST', url: '/v2/models/rain/versions/2/infer', payload: good });
    expect(answer.json().model_version).toBe('2');
  });

  it('gives only the outputs that were asked for, in their order', async () => {
    const names = async (outputs: unknown) =>
      (await infer({ ...good, outputs })).json().outputs.map(({ name }: { name: string }) => name);
    expect(await names([{ name: 'probabilities' }])).toEqual(['probabilities']);
    expect(await names([{ name: 'probabilities' }, { name: 'label', parameters: { x: 1 } }])).toEqual([
      'probabilities',
      'label',
    ]);
    expect(await names([])).toEqual(['label', 'probabilities']);
  });

  it.each([
    ['nested data', withWind(wind([[0.95], [0.05]]))],
    ['inputs in another order', { inputs: [sky, holiday, wind()] }],
    ['integers for floats', withWind(wind([1, 0]))],
    ['unknown parameters', { ...good, parameters: { priority: 1, note: 'x', flag: true } }],
    ['binary output switched off', { ...good, parameters: { binary_data_output: false } }],
    ['an unseen category', { inputs: [wind(), holiday, { ...sky, data: ['frogs', ''] }] }],
    ['a surplus member', { ...good, extra: 1 }],
  ])('takes %s', async (_, body) => {
    expect((await infer(body)).statusCode).toBe(200);
  });

  it.each([
    ['a body that is no object', [1]],
    ['null', null],
    ['broken JSON', '{"inputs": ['],
    ['no body', ''],
    ['no inputs', {}],
    ['inputs that are no array', { inputs: {} }],
    ['empty inputs', { inputs: [] }],
    ['a missing input', { inputs: [wind(), sky] }],
    ['an unknown input', { inputs: [...good.inputs, tensor('x', 'FP32', [2, 1], [1, 2])] }],
    ['an input twice', { inputs: [...good.inputs, wind()] }],
    ['an input that is no object', withWind(5)],
    ['an input without a name', withWind({ ...wind(), name: undefined })],
    ['a datatype the model does not take', withWind(tensor('wind', 'FP64', [2, 1], [1, 2]))],
    ['an unknown datatype', withWind(tensor('wind', 'FLOAT', [2, 1], [1, 2]))],
    ['a datatype named like an object member', withWind(tensor('wind', 'constructor', [2, 1], [1, 2]))],
    ['no datatype', withWind({ ...wind(), datatype: undefined })],
    ['FP16 as JSON', withWind(tensor('wind', 'FP16', [2, 1], [1, 2]))],
    ['no shape', withWind({ ...wind(), shape: undefined })],
    ['a shape of the wrong rank', withWind(wind([1, 2], [2]))],
    ['a shape of the wrong dimension', withWind(wind([1, 2], [1, 2]))],
    ['a negative dimension', withWind(wind([1, 2], [-2, 1]))],
    ['a fractional dimension', withWind(wind([1, 2], [2.5, 1]))],
    ['a dimension as text', withWind(wind([1, 2], ['2', 1]))],
    [
      'no rows',
      { inputs: [wind([], [0, 1]), { ...holiday, shape: [0, 1], data: [] }, { ...sky, shape: [0, 1], data: [] }] },
    ],
    ['a huge declared shape', withWind(wind([1, 2], [9_007_199_254_740_991, 1]))],
    ['a declared shape beyond 2^53', withWind(wind([1, 2], [1e300, 1]))],
    ['fewer elements than the shape', withWind(wind([1], [2, 1]))],
    ['more elements than the shape', withWind(wind([1, 2, 3], [2, 1]))],
    ['rows that differ between inputs', withWind(wind([1, 2, 3], [3, 1]))],
    ['ragged nesting', withWind(wind([[1], [2, 3]]))],
    ['nesting of the wrong depth', withWind(wind([[[1]], [[2]]]))],
    ['nested and flat mixed', withWind(wind([[1], 2]))],
    ['no data', withWind({ ...wind(), data: undefined })],
    ['data that is an object', withWind(wind({ 0: 1, 1: 2, length: 2 }))],
    ['text for a number', withWind(wind(['0.5', 1]))],
    ['null for a number', withWind(wind([null, 1]))],
    ['a boolean for a number', withWind(wind([true, 1]))],
    ['a number beyond FP32', withWind(wind([1e39, 1]))],
    ['a number that JSON reads as infinite', JSON.stringify(good).replace('0.95', '1e999')],
    ['a number for text', { inputs: [wind(), holiday, { ...sky, data: [1, 'x'] }] }],
    ['an unknown output', { ...good, outputs: [{ name: 'x' }] }],
    ['an output twice', { ...good, outputs: [{ name: 'label' }, { name: 'label' }] }],
    ['an output without a name', { ...good, outputs: [{}] }],
    ['outputs that are no array', { ...good, outputs: { name: 'label' } }],
    ['an id that is no text', { ...good, id: 5 }],
    ['an id of 201 characters', { ...good, id: 'x'.repeat(201) }],
    ['parameters that are no object', { ...good, parameters: [] }],
    ['a parameter that is an object', { ...good, parameters: { x: {} } }],
    ['classification', { ...good, outputs: [{ name: 'label', parameters: { classification: 2 } }] }],
    ['binary output that is not true or false', { ...good, parameters: { binary_data_output: 'yes' } }],
    ['a binary size without bytes', withWind({ ...wind(), data: undefined, parameters: { binary_data_size: 8 } })],
    [
      'more rows than allowed',
      {
        inputs: [
          wind(new Array(101).fill(1), [101, 1]),
          { ...holiday, shape: [101, 1], data: new Array(101).fill(1) },
          { ...sky, shape: [101, 1], data: new Array(101).fill('x') },
        ],
      },
    ],
    ['__proto__', '{"inputs":[],"__proto__":{"x":1}}'],
  ])('refuses %s with 400 and an error text', async (_, body) => {
    const answer = await infer(body);
    expect({ status: answer.statusCode, body: answer.json() }).toEqual({
      status: 400,
      body: { error: expect.any(String) },
    });
  });

  it('says when the model answers with what is no number', async () => {
    const answer = await infer(withWind(wind([3e38, 0.5])));
    expect(answer.statusCode).toBe(500);
    expect(answer.json().error).toContain('SRV_NONFINITE_OUTPUT');
    const rows = await routes.running.serving.captured({ endpoint: 'rain', environment: 'production', last: 1 });
    expect(rows[0]).toMatchObject({ status: 500, errorCode: 'SRV_NONFINITE_OUTPUT' });
  });

  it('answers versions outside the routing table only to those who may choose', async () => {
    const { serving } = routes.running;
    const table = await serving.routing('rain', 'production');
    const only = table?.entries.filter(({ version }) => version === 1) ?? [];
    await serving.route(
      { actor: engineer },
      { endpoint: 'rain', environment: 'production', entries: only, reason: 'x' },
    );
    expect((await get('/v2/models/rain/versions/2')).statusCode).toBe(200);
    routes.actor = { ...engineer, roles: ['data-scientist'] };
    expect((await get('/v2/models/rain/versions/2')).statusCode).toBe(404);
    expect((await get('/v2/models/rain/versions/1')).statusCode).toBe(200);
    routes.actor = engineer;
  });
});
