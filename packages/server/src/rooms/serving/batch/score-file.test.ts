import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Row, toRows } from '@fairlead/frame';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLake, type Lake } from '../../../platform/lake/index.js';
import {
  context,
  modelVersion,
  openTestWorld,
  rainModel,
  rowsRequest,
  signature,
  type TestWorld,
} from '../serving.fixture.js';
import { folderOf, forgetParts } from './batch-folder.js';
import type { BatchPlan, BatchRequest } from './batch-types.js';
import { scoreFile } from './score-file.js';

let folder: string;
let lake: Lake;
let world: TestWorld;
let modelPath: string;
let digest: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-batch-test-'));
  lake = await createLake({ tempFolder: join(folder, 'temp'), allowedFolders: [folder], threads: 1 });
  const bytes = rainModel(0.5);
  modelPath = join(folder, 'rain.onnx');
  writeFileSync(modelPath, bytes);
  digest = createHash('sha256').update(bytes).digest('hex');
  world = await openTestWorld();
});
afterAll(async () => {
  await lake.close();
  await world.dispose();
  rmSync(folder, { recursive: true, force: true });
});

let outputs = 0;

function planOf(request: Partial<BatchRequest> & { input: string }): BatchPlan {
  outputs += 1;
  return {
    request: { model: 'rain@1', output: join(folder, `out-${outputs}.parquet`), ...request },
    target: { model: 'rain', version: 1, digest, endpoint: null, environment: null, deploymentId: null },
    ...{ signature, modelPath, configuration: {}, backendRules: { programs: false, servers: [] } },
    ...{ threads: 1, partRows: 8192 },
  };
}

async function write(name: string, sql: string): Promise<string> {
  const path = join(folder, name);
  await lake.exportParquet(sql, path);
  return path;
}

const read = async (path: string, sql = 'SELECT *'): Promise<Row[]> =>
  toRows(await lake.query(`${sql} FROM read_parquet('${path}')`));

const errorsOf = (output: string) =>
  readFileSync(`${output}.errors.ndjson`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** 20,000 rows, three parts; every third wind is missing, which the model takes. */
const SOUND = `SELECT 9007199254740993 + i AS id, (i / 10)::DECIMAL(9, 1) AS price, CASE WHEN i % 3 > 0 THEN ((i * 37) % 1000) / 1000 END::FLOAT AS wind, i % 2 = 0 AS holiday, CASE i % 3 WHEN 0 THEN 'clear' WHEN 1 THEN 'grey' ELSE 'mauve' END AS sky FROM range(20000) t(i)`;

describe('a batch', () => {
  it('answers every row in its place as a request would, and keeps columns with their types', async () => {
    const plan = planOf({ input: await write('sound.parquet', SOUND), keep: ['id', 'price'] });
    const seen: number[] = [];
    const result = await scoreFile(plan, { progress: (rows) => seen.push(rows) });
    const { output } = plan.request;
    expect(result).toMatchObject({
      ...{ output, rows: 20_000, errorRows: 0, errorsPath: null, resumedRows: 0 },
      columns: ['id', 'price', 'label', 'probability_no', 'probability_yes'],
      unusualCells: { sky: 6666 },
      digest: createHash('sha256').update(readFileSync(output)).digest('hex'),
    });
    expect(seen.at(-1)).toBe(20_000);
    const types = await lake.query(`SELECT column_type AS t FROM (DESCRIBE SELECT * FROM read_parquet('${output}'))`);
    expect(toRows(types).map(({ t }) => t)).toEqual(['BIGINT', 'DECIMAL(9,1)', 'VARCHAR', 'FLOAT', 'FLOAT']);
    const [order] = toRows(
      await lake.query(
        `SELECT count(*) FILTER (id = 9007199254740993 + file_row_number AND price = (file_row_number / 10)::DECIMAL(9, 1)) AS n FROM read_parquet('${output}', file_row_number = true)`,
      ),
    );
    expect(order).toEqual({ n: 20_000 });
    const answers = await read(output, 'SELECT * EXCLUDE (id, price)');
    const places = [0, 1, 2, 5000, 8191, 8192, 16_383, 16_384, 19_999];
    const running = await world.start();
    const stored = await world.objects.putBytes(readFileSync(modelPath));
    await running.serving.declareEndpoint(context, { name: 'rain', model: 'rain-model' });
    const place = { endpoint: 'rain', environment: 'test' };
    const { id } = await running.serving.deploy(context, { ...place, version: modelVersion(1, stored.digest) });
    await running.serving.route(context, { ...place, entries: [{ deploymentId: id, weight: 1 }], reason: 'test' });
    const rows = places.map((i) => ({
      wind: i % 3 > 0 ? Math.fround(((i * 37) % 1000) / 1000) : null,
      holiday: i % 2 === 0,
      sky: ['clear', 'grey', 'mauve'][i % 3],
    }));
    const { predictions } = await running.serving.predict(rowsRequest(rows));
    expect(places.map((i) => answers[i])).toEqual(
      predictions.map(({ label, probabilities }) => ({
        ...{ label, probability_no: probabilities.no, probability_yes: probabilities.yes },
      })),
    );
    await running.stop();
    const pairs = toRows(
      await lake.query(`SELECT decode(key) AS k, decode(value) AS v FROM parquet_kv_metadata('${output}')`),
    );
    expect(Object.fromEntries(pairs.map(({ k, v }) => [k, v]))).toMatchObject({
      'fairlead.modelVersion': '1',
      'fairlead.modelDigest': digest,
    });
  });

  it('gives a row that the signature refuses no answer and a line, and answers the others', async () => {
    const input = await write(
      'odd.parquet',
      `SELECT i AS id, CASE i WHEN 3 THEN 'Infinity'::DOUBLE WHEN 4 THEN 1e300 WHEN 5 THEN 'NaN'::DOUBLE ELSE 0.9 END AS wind, CASE WHEN i = 10000 THEN NULL ELSE true END AS holiday, CASE WHEN i = 7 THEN NULL ELSE 'grey' END AS sky FROM range(10001) t(i)`,
    );
    const plan = planOf({ input, keep: ['id'] });
    const { output } = plan.request;
    const result = await scoreFile(plan);
    expect(result).toMatchObject({ rows: 10_001, errorRows: 4, errorsPath: `${output}.errors.ndjson` });
    const refused = { code: 'SRV_INPUT_INVALID' };
    expect(errorsOf(output)).toEqual([
      { row: 3, column: 'wind', ...refused, reason: 'got the number Infinity, expected a finite number' },
      { row: 4, column: 'wind', ...refused, reason: 'got the number 1e+300, expected a finite number' },
      { row: 7, column: 'sky', ...refused, reason: 'got nothing, expected a text' },
      { row: 10_000, column: 'holiday', ...refused, reason: 'got nothing, expected true or false' },
    ]);
    const nulls = await read(output, 'SELECT id, label, probability_yes');
    expect(nulls.filter(({ label }) => label === null)).toEqual(
      [3, 4, 7, 10_000].map((id) => ({ id, label: null, probability_yes: null })),
    );
    // The next batch with this output has no such rows, and no side file is left that says so.
    await forgetParts(output);
    await scoreFile({ ...plan, request: { ...plan.request, input: await write('few.parquet', `${SOUND} LIMIT 5`) } });
    expect(existsSync(`${output}.errors.ndjson`)).toBe(false);
  });

  it('stopped anywhere, goes on where it was, and gives the bytes of a batch that was not', async () => {
    const input = await write('long.parquet', SOUND.replace('range(20000)', 'range(60000)'));
    const whole = planOf({ input, keep: ['id'] });
    const { digest: wanted } = await scoreFile(whole);
    const plan = planOf({ input, keep: ['id'] });
    const { output } = plan.request;
    let resumed = 0;
    for (const stopAt of [20_000, 40_000]) {
      const stop = new AbortController();
      const progress = (rows: number) => rows >= stopAt && stop.abort(new Error('stopped'));
      await expect(scoreFile(plan, { signal: stop.signal, progress })).rejects.toThrow('stopped');
      expect(existsSync(output)).toBe(false);
      expect(existsSync(folderOf(output))).toBe(true);
    }
    const result = await scoreFile(plan, {
      progress: (rows) => {
        resumed ||= rows;
      },
    });
    expect(result.resumedRows).toBeGreaterThan(8192);
    expect(resumed).toBeGreaterThan(result.resumedRows);
    expect(result.digest).toBe(wanted);
  });

  it('forgets what was answered when the input has changed', async () => {
    const input = await write('changing.parquet', SOUND);
    const plan = planOf({ input });
    const stop = new AbortController();
    const progress = (rows: number) => rows > 10_000 && stop.abort(new Error('stopped'));
    await expect(scoreFile(plan, { signal: stop.signal, progress })).rejects.toThrow('stopped');
    await write('changing.parquet', SOUND.replace('range(20000)', 'range(9000)'));
    expect(await scoreFile(plan)).toMatchObject({ rows: 9000, resumedRows: 0 });
  });

  it('ends at more rows without an answer than it may have, and goes on when it may have more', async () => {
    const input = await write(
      'bad.parquet',
      `SELECT 1::FLOAT AS wind, NULL::BOOLEAN AS holiday, 'grey' AS sky FROM range(9) t(i)`,
    );
    const plan = planOf({ input, maxErrors: 3 });
    await expect(scoreFile(plan)).rejects.toMatchObject({
      code: 'SRV_BATCH_TOO_MANY_ERRORS',
      data: { maxErrors: 3, column: 'holiday' },
    });
    expect(existsSync(plan.request.output)).toBe(false);
    const { maxErrors: _, ...request } = plan.request;
    expect(await scoreFile({ ...plan, request })).toMatchObject({ rows: 9, errorRows: 9 });
  });

  it('gives a file without rows its columns', async () => {
    const plan = planOf({ input: await write('none.parquet', `${SOUND} LIMIT 0`), keep: ['price'] });
    expect(await scoreFile(plan)).toMatchObject({ rows: 0 });
    const types = await lake.query(`DESCRIBE SELECT * FROM read_parquet('${plan.request.output}')`);
    expect(toRows(types).map(({ column_name }) => column_name)).toEqual([
      ...['price', 'label', 'probability_no', 'probability_yes'],
    ]);
  });

  it.each([
    ['lacks a column', `SELECT 1 AS wind, true AS holiday`, 'it has no column sky'],
    ['has one of another kind', `SELECT 'x' AS wind, true AS holiday, 'a' AS sky`, 'column wind is VARCHAR'],
  ])('refuses a file that %s before it answers anything', async (_, sql, message) => {
    const plan = planOf({ input: await write('wrong.parquet', sql) });
    await expect(scoreFile(plan)).rejects.toMatchObject({
      code: 'SRV_BATCH_INPUT',
      message: expect.stringContaining(message),
    });
  });

  it('refuses bytes that are no Parquet file', async () => {
    const input = join(folder, 'no.parquet');
    writeFileSync(input, 'nothing');
    await expect(scoreFile(planOf({ input }))).rejects.toMatchObject({ code: 'SRV_BATCH_INPUT' });
  });

  it('reads CSV: cells that are no value of the type are refused, empty ones are missing', async () => {
    const input = join(folder, 'rows.csv');
    writeFileSync(
      input,
      'id,wind,holiday,sky\n001,0.9,true,grey\n2,,FALSE,"cle,ar"\n3,fast,true,grey\n4,1_0,true,grey\n5,0.1,maybe,\n',
    );
    const plan = planOf({ input, keep: ['id'] });
    expect(await scoreFile(plan)).toMatchObject({ rows: 5, errorRows: 3 });
    expect(await read(plan.request.output, 'SELECT id, label IS NULL AS gone')).toEqual([
      { id: '001', gone: false },
      { id: '2', gone: false },
      ...['3', '4', '5'].map((id) => ({ id, gone: true })),
    ]);
    expect(errorsOf(plan.request.output).map(({ row, column, reason }) => `${row} ${column}: ${reason}`)).toEqual([
      '2 wind: got "fast", expected a finite number',
      '3 wind: got "1_0", expected a finite number',
      '4 holiday: got "maybe", expected true or false',
    ]);
  });

  it('reads JSON lines: each line is a row, also one that is no JSON', async () => {
    const input = join(folder, 'rows.ndjson');
    const lines = [
      '{"wind": 0.9, "holiday": true, "sky": "a \\"quoted\\" sky", "id": "x,1"}',
      '{"wind": "0.9", "holiday": true, "sky": "grey"}',
      'no json',
      '[1]',
      '{"holiday": false, "sky": "grey", "wind": null, "id": 12}',
      '{"wind": 1, "holiday": 1, "sky": "grey"}',
    ];
    writeFileSync(input, `${lines.join('\n')}\n`);
    const plan = planOf({ input, keep: ['id'] });
    expect(await scoreFile(plan)).toMatchObject({ rows: 6, errorRows: 4 });
    expect(await read(plan.request.output, 'SELECT id, label IS NULL AS gone')).toEqual([
      { id: '"x,1"', gone: false },
      { id: null, gone: true },
      { id: null, gone: true },
      { id: null, gone: true },
      { id: '12', gone: false },
      { id: null, gone: true },
    ]);
    expect(errorsOf(plan.request.output).map(({ row, column, reason }) => `${row} ${column}: ${reason}`)).toEqual([
      '1 wind: got ""0.9"", expected a finite number',
      '2 : got "no json", expected a JSON object',
      '3 : got "[1]", expected a JSON object',
      '5 holiday: got "1", expected true or false',
    ]);
  });

  it('is refused while another one writes the same output', async () => {
    const plan = planOf({ input: await write('busy.parquet', SOUND) });
    // Whichever of the two comes to the lock first has it.
    const ends = await Promise.allSettled([scoreFile(plan), scoreFile(plan)]);
    expect(ends.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'SRV_BATCH_BUSY' } }]);
    expect(ends.filter(({ status }) => status === 'fulfilled')).toMatchObject([{ value: { rows: 20_000 } }]);
  });
});
