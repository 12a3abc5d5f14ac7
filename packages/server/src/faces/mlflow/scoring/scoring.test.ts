import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCsv } from './read-csv.js';
import { openScoringServer, type ScoringServer } from './scoring.fixture.js';

let server: ScoringServer;
beforeAll(async () => {
  server = await openScoringServer();
});
afterAll(() => server.dispose());

const columns = ['wind', 'holiday', 'sky'];
const wet = [0.95, false, 'grey'];
const dry = [0.05, true, 'clear'];
const record = (cells: readonly unknown[]) => Object.fromEntries(columns.map((name, i) => [name, cells[i]]));
const post = (payload: unknown, type = 'application/json', name = 'rain') =>
  server.app.inject({
    method: 'POST',
    url: `/endpoints/${name}/invocations`,
    headers: { 'content-type': type },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });

describe('scoring as MLflow does', () => {
  it.each<[string, unknown]>([
    ['dataframe_split', { dataframe_split: { columns, index: [0, 1], data: [wet, dry] } }],
    ['dataframe_records', { dataframe_records: [record(wet), { ...record(dry), surplus: 1 }] }],
    ['instances of records', { instances: [record(wet), record(dry)], params: { x: 1 } }],
    ['instances of lists', { instances: [wet, dry] }],
    ['inputs by column', { inputs: { wind: [0.95, 0.05], holiday: [[false], [true]], sky: ['grey', 'clear'] } }],
    ['inputs by row', { inputs: [wet, dry] }],
  ])('takes %s', async (_, body) => {
    const answer = await post(body);
    expect([answer.statusCode, answer.body]).toEqual([200, '{"predictions":["yes","no"]}']);
    expect(answer.headers['content-type']).toBe('application/json');
  });

  it.each(['text/csv', 'text/csv; charset=utf-8'])('takes %s with a header line', async (type) => {
    const csv = 'sky,wind,holiday,more\n"grey",0.95,False,1\r\nclear,0.05,true,\n';
    expect((await post(csv, type)).json()).toEqual({ predictions: ['yes', 'no'] });
    expect((await post('wind,holiday,sky\n,true,clear\n', type)).statusCode).toBe(200);
  });

  it('answers in the environment test under name@test', async () => {
    const answer = await post({ instances: [wet] }, 'application/json', 'rain@test');
    expect([answer.statusCode, answer.json().error_code]).toEqual([409, 'RESOURCE_CONFLICT']);
  });

  it.each<[string, unknown, number, string?]>([
    ['a list', [], 400],
    ['none of the forms', {}, 400],
    ['two forms', { instances: [wet], inputs: [wet] }, 400],
    ['another member in the split', { dataframe_split: { columns, data: [wet], more: 1 } }, 400],
    ['rows of another length', { dataframe_split: { columns, data: [[1]] } }, 400],
    ['a column twice', { dataframe_split: { columns: ['wind', 'wind', 'sky'], data: [wet] } }, 400],
    ['columns of different lengths', { inputs: { wind: [1, 2], holiday: [true], sky: ['x'] } }, 400],
    ['a missing column', { dataframe_records: [{ wind: 1, sky: 'grey' }] }, 400],
    ['text for a number', { instances: [['x', false, 'grey']] }, 400],
    ['no rows', { instances: [] }, 400],
    ['params that are a list', { instances: [wet], params: [] }, 400],
    ['broken JSON', '{"instances": [', 400],
    ['a signature name', { signature_name: 'x', instances: [wet] }, 400],
    ['a number that CSV cannot hold', 'wind,holiday,sky\nx,true,clear\n', 400, 'text/csv'],
    ['CSV with an open quote', 'wind,holiday,sky\n"x,true,clear\n', 400, 'text/csv'],
    ['a CSV line of another length', 'wind,holiday,sky\n1,true\n', 400, 'text/csv'],
    ['another content type', 'x', 415, 'text/plain'],
    ['another charset', '{}', 415, 'application/json; charset=latin-1'],
  ])('refuses %s in words of MLflow', async (_, body, status, type) => {
    const answer = await post(body, type);
    expect([answer.statusCode, answer.json()]).toEqual([
      status,
      expect.objectContaining({ error_code: expect.stringMatching(/^[A-Z_]+$/), message: expect.any(String) }),
    ]);
  });

  it('answers probes while a model is live', async () => {
    const get = (url: string) => server.app.inject({ method: 'GET', url });
    for (const probe of ['ping', 'health']) {
      const answer = await get(`/endpoints/rain/${probe}`);
      expect([answer.statusCode, answer.body]).toEqual([200, '\n']);
      expect((await get(`/endpoints/snow/${probe}`)).statusCode).toBe(404);
    }
    expect((await get('/endpoints/rain/version')).body).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe('a CSV text', () => {
  it('is read with quotes, doubled quotes, line ends in cells and empty cells', () => {
    expect(readCsv('a,b\r\n"x ""y""\nz",\n\n,"2"')).toEqual([
      ['a', 'b'],
      ['x "y"\nz', ''],
      ['', '2'],
    ]);
    expect(readCsv('')).toEqual([]);
    expect(readCsv('a,')).toEqual([['a', '']]);
  });
});
