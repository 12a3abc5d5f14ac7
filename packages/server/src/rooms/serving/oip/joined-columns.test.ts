import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../../../platform/inference/testing.js';
import { context, modelVersion } from '../serving.fixture.js';
import { openTestRoutes, type TestRoutes } from '../serving-routes.fixture.js';

/** The label of the largest cell of a row; the scores are the cells as the graph joins them. */
interface Told {
  readonly label: string;
  readonly scores: readonly number[];
}

const LABELS = ['dry', 'wet', 'snow'];
const COLUMNS = ['a', 'b', 'c'];
/** Models of numbers: the value of a row is the first of its scores. */
const signature = {
  task: 'regression' as const,
  inputs: COLUMNS.map((name) => ({ name, type: 'number' as const, min: 0, max: 9, nullable: false })),
  target: 'weather',
  labels: [],
  contextColumns: [],
};
const named = (scores: readonly number[]): Told => ({
  label: LABELS[scores.indexOf(Math.max(...scores))] ?? '',
  scores,
});
/**
 * What the two models say of a row, by their names: `lifted` joins its columns in the order of its inputs, so that it runs with one tensor
 * for all of them; the other one joins them in an order of its own and takes each by itself. Equal rows have different answers.
 */
const SAYS: Readonly<Record<string, (row: readonly number[]) => Told>> = {
  lifted: (row) => named(row),
  'lifted-labels-only': ([a = 0, b = 0, c = 0]) => named([c, a, b]),
};
const MODELS = Object.keys(SAYS);

const ROWS = [
  [1, 5, 8],
  [9, 2, 4],
  [3, 7, 6],
  [5, 8, 1],
];
/** Three of them, beginning with another one each time. */
const rowsOf = (i: number) => [0, 1, 2].map((row) => ROWS[(i + row) % ROWS.length] ?? []);

let routes: TestRoutes;
let url: string;
beforeAll(async () => {
  routes = await openTestRoutes();
  url = await routes.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => routes.dispose());

/** An endpoint with both models in production, version 1 being the first of them. */
async function serveBoth(models: readonly string[], shadows: boolean): Promise<string> {
  const { world, running } = routes;
  const endpoint = `${models[0]}-${shadows ? 'shadow' : 'canary'}`;
  await running.serving.declareEndpoint(context, { name: endpoint, model: 'rain-model' });
  const place = { endpoint, environment: 'production' };
  const ids: string[] = [];
  for (const [i, name] of models.entries()) {
    const { digest } = await world.objects.putBytes(readFileSync(fixture(name).path));
    world.approved.add(digest);
    const version = modelVersion(i + 1, digest, { signature });
    ids.push((await running.serving.deploy(context, { ...place, version })).id);
  }
  const [first = '', second = ''] = ids;
  const entries = shadows
    ? [{ deploymentId: first, weight: 1 }]
    : ids.map((deploymentId) => ({ deploymentId, weight: 0.5 }));
  await running.serving.route(context, { ...place, entries, shadows: shadows ? [second] : [], reason: 'both at once' });
  return endpoint;
}

interface Answer {
  readonly model_version: string;
  readonly outputs: readonly { readonly name: string; readonly data: readonly unknown[] }[];
}

async function ask(endpoint: string, body: Uint8Array | string, headers: Record<string, string>): Promise<Answer> {
  const answer = await fetch(`${url}/v2/models/${endpoint}/infer`, { method: 'POST', body: body as string, headers });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Answer;
}

/** The same rows in each way in which a request may have them. */
const WAYS: Readonly<Record<string, (endpoint: string, id: string, rows: number[][]) => Promise<Answer>>> = {
  'one tensor in JSON': (endpoint, id, rows) => {
    const columns = { name: 'columns', datatype: 'FP32', shape: [rows.length, 3], data: rows.flat() };
    return ask(endpoint, JSON.stringify({ id, inputs: [columns] }), { 'content-type': 'application/json' });
  },
  'one binary tensor': (endpoint, id, rows) => {
    const data = Buffer.from(Float32Array.from(rows.flat()).buffer);
    const columns = { name: 'columns', datatype: 'FP32', shape: [rows.length, 3] };
    const json = JSON.stringify({ id, inputs: [{ ...columns, parameters: { binary_data_size: data.length } }] });
    return ask(endpoint, Buffer.concat([Buffer.from(json), data]), {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(Buffer.byteLength(json)),
    });
  },
  'a tensor per column': (endpoint, id, rows) => {
    const inputs = COLUMNS.map((name, i) => {
      return { name, datatype: 'FP32', shape: [rows.length, 1], data: rows.map((row) => row[i]) };
    });
    return ask(endpoint, JSON.stringify({ id, inputs }), { 'content-type': 'application/json' });
  },
};

function toldIn({ outputs }: Answer, rows: number): Told[] {
  const data = (name: string) => outputs.find((output) => output.name === name)?.data ?? [];
  return Array.from({ length: rows }, (_, i) => ({
    label: String(data('label')[i]),
    scores: data('scores').slice(i * 3, i * 3 + 3) as number[],
  }));
}

const ORDERS = [MODELS, [...MODELS].reverse()];

describe('versions of which one takes all columns in one tensor and the other does not', () => {
  it.each(ORDERS)(
    'answer the same requests side by side, each row as its own model says: %s, then %s',
    async (...models) => {
      const endpoint = await serveBoth(models, false);
      const answeredBy = new Map<string, Set<string>>();
      for (const [way, send] of Object.entries(WAYS)) {
        for (let i = 0; i < 24; i += 1) {
          const rows = rowsOf(i);
          const answer = await send(endpoint, `${way} ${i}`, rows);
          const says = SAYS[models[Number(answer.model_version) - 1] ?? ''];
          expect(toldIn(answer, rows.length)).toEqual(rows.map((row) => says?.(row)));
          answeredBy.set(way, (answeredBy.get(way) ?? new Set()).add(answer.model_version));
        }
      }
      // Both have answered each kind of request: none was kept to the version that takes it as it is.
      for (const versions of answeredBy.values()) expect([...versions].sort()).toEqual(['1', '2']);
    },
  );

  it.each(ORDERS)('answer beside each other as a shadow: %s, then %s', async (...models) => {
    const endpoint = await serveBoth(models, true);
    const [primary, shadow] = models.map((name) => SAYS[name]);
    const asked = new Map<string, number[]>();
    for (const [w, send] of Object.values(WAYS).entries()) {
      const rows = rowsOf(w);
      const id = `shadowed-${w}`;
      expect(toldIn(await send(endpoint, id, rows), rows.length)).toEqual(rows.map((row) => primary?.(row)));
      for (const [i, row] of rows.entries()) asked.set(`${id}/${i}`, row);
    }
    await routes.running.serving.flushCapture();
    const captured = await routes.running.serving.captured({ endpoint, environment: 'production' });
    expect(captured).toHaveLength(2 * asked.size);
    for (const { id, status, shadow: isShadow, label, inputs } of captured) {
      const row = asked.get(id) ?? [];
      const says = isShadow ? shadow : primary;
      const [a, b, c] = row;
      expect({ id, status, label, inputs }).toEqual({
        id,
        status: 200,
        label: String(says?.(row).scores[0]),
        inputs: { a, b, c },
      });
    }
    expect(routes.world.errors).toEqual([]);
  });
});
