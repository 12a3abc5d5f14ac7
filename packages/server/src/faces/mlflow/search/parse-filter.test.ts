import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilter } from './parse-filter.js';
import { parseOrder } from './parse-order.js';
import { hidePrompts, modelVocabulary, versionVocabulary } from './registry-vocabularies.js';
import { experimentVocabulary, loggedModelVocabulary, runVocabulary } from './vocabularies.js';

const runs = (filter: string) => parseFilter(filter, runVocabulary);
const problem = (filter: string) => {
  try {
    runs(filter);
  } catch (error) {
    return error as { code: string; message: string; data: { position: number } };
  }
  throw new Error(`${filter.slice(0, 50)} was understood`);
};

describe('a filter', () => {
  it.each([
    ['metrics.loss < 0.5', { field: 'metric', key: 'loss', comparison: '<', value: 0.5 }],
    ['metric.loss>=-1e-3', { field: 'metric', key: 'loss', comparison: '>=', value: -0.001 }],
    ['metrics.`a b/c` != .5', { field: 'metric', key: 'a b/c', comparison: '!=', value: 0.5 }],
    ['metrics."a.b`c" = 1.', { field: 'metric', key: 'a.b`c', comparison: '=', value: 1 }],
    ['metrics.val.loss = 1', { field: 'metric', key: 'val.loss', comparison: '=', value: 1 }],
    ['metrics.m = +7', { field: 'metric', key: 'm', comparison: '=', value: 7 }],
    ["params.depth = '4'", { field: 'param', key: 'depth', comparison: '=', value: '4' }],
    ['parameters.depth = "4"', { field: 'param', key: 'depth', comparison: '=', value: '4' }],
    ["param.x-y like 'a%'", { field: 'param', key: 'x-y', comparison: 'like', value: 'a%' }],
    [
      "tags.mlflow.source.name ILIKE '%.py'",
      { field: 'tag', key: 'mlflow.source.name', comparison: 'ilike', value: '%.py' },
    ],
    ["tag.owner != 'O''Neil'", { field: 'tag', key: 'owner', comparison: '!=', value: "O'Neil" }],
    ["tag.path = 'C:\\dir\\'", { field: 'tag', key: 'path', comparison: '=', value: 'C:\\dir\\' }],
    ["tag.note = 'a AND b; (c)'", { field: 'tag', key: 'note', comparison: '=', value: 'a AND b; (c)' }],
    ['params.depth IS NULL', { field: 'param', key: 'depth', comparison: 'is-null', value: null }],
    ['tags.`is null` is  not NULL', { field: 'tag', key: 'is null', comparison: 'is-not-null', value: null }],
    ['tags.mlflow.parentRunId IS NULL', { field: 'parent', comparison: 'is-null', value: null }],
    ["run_name = 'x'", { field: 'name', comparison: '=', value: 'x' }],
    ["`run name` = 'x'", { field: 'name', comparison: '=', value: 'x' }],
    ["attributes.`Run name` = 'x'", { field: 'name', comparison: '=', value: 'x' }],
    ['"run name" = "x"', { field: 'name', comparison: '=', value: 'x' }],
    ["tags.`mlflow.runName` = 'x'", { field: 'name', comparison: '=', value: 'x' }],
    ["tags.mlflow.parentRunId = 'x'", { field: 'parent', comparison: '=', value: 'x' }],
    ['run_id IN (\'a\', "b")', { field: 'id', comparison: 'in', value: ['a', 'b'] }],
    ["attr.run_id not  in ('a',)", { field: 'id', comparison: 'not-in', value: ['a'] }],
    ["dataset.name IN ('d')", { field: 'dataset.name', comparison: 'in', value: ['d'] }],
    ["datasets.context = 'train'", { field: 'dataset.context', comparison: '=', value: 'train' }],
    ['attribute.start_time > 1664067852747', { field: 'startedAt', comparison: '>', value: 1664067852747 }],
    ['created <= 5', { field: 'startedAt', comparison: '<=', value: 5 }],
    ["user_id = 'ada'", { field: 'userName', comparison: '=', value: 'ada' }],
    ["status = 'FINISHED'", { field: 'status', comparison: 'in', value: ['finished'] }],
    [
      "status != 'FINISHED'",
      { field: 'status', comparison: 'in', value: ['running', 'scheduled', 'failed', 'killed'] },
    ],
    ["status LIKE 'F%'", { field: 'status', comparison: 'in', value: ['finished', 'failed'] }],
    ["status ILIKE '%nn_ng'", { field: 'status', comparison: 'in', value: ['running'] }],
    ["status = 'finished'", { field: 'status', comparison: 'in', value: [''] }],
    [
      "status NOT IN ('RUNNING', 'FAILED')",
      { field: 'status', comparison: 'in', value: ['scheduled', 'finished', 'killed'] },
    ],
    [
      "artifact_uri LIKE 'mlflow-artifacts:/0/%'",
      { field: 'artifactRoot', comparison: 'like', value: 'artifacts:/0/%' },
    ],
  ])('reads %s', (filter, clause) => {
    expect(runs(filter)).toEqual([clause]);
  });

  it('is a list of conditions that hold together; nothing is none', () => {
    expect(runs("metrics.a > 1 and params.b = 'c'\n AND\ttags.d='e'")).toHaveLength(3);
    expect([runs(''), runs('  '), parseFilter(undefined, runVocabulary)]).toEqual([[], [], []]);
  });

  it.each([
    ["params.a = 'x' OR params.b = 'y'", 16, /joined by AND/],
    ["params.a = 'x';", 15, /without ";"/],
    ["params.a = 'x' AND", 19, /missing/],
    ["AND params.a = 'x'", 1, /Invalid attribute key 'AND'/],
    ["(params.a = 'x')", 1, /begins with a name/],
    ["lower(run_name) = 'x'", 1, /Invalid attribute key/],
    ["params.a = 'x", 12, /never closed/],
    ['params.a = 1', 12, /quoted string/],
    ['params.a = `x`', 12, /quoted string/],
    ["metrics.a > '1'", 13, /numeric/],
    ['metrics.a > nan', 13, /numeric/],
    ['metrics.a > 1e', 13, /numeric/],
    ["metrics.a LIKE 'x'", 11, /Invalid comparator/],
    ["params.a > 'x'", 10, /Invalid comparator/],
    ["params.a == 'x'", 10, /Invalid comparator/],
    ["params.a IN ('x')", 10, /Invalid comparator/],
    ["start_time IN ('x')", 12, /Invalid comparator/],
    ['run_id IN ()', 12, /quoted string/],
    ["run_id IN ('a' 'b')", 16, /commas/],
    ["run_id IN ('a'", 15, /missing/],
    ["run_id IN 'a'", 11, /begins with/],
    ["nothing.a = 'x'", 1, /Invalid entity type 'nothing'/],
    ["nothing = 'x'", 1, /Invalid attribute key 'nothing'/],
    ["dataset.size = 'x'", 1, /Invalid dataset key/],
    ["params. = 'x'", 1, /needs a key/],
    ["'run_id' = 'x'", 1, /begins with a name/],
    ["__proto__ = 'x'", 1, /Invalid attribute key/],
    ["constructor.a = 'x'", 1, /Invalid entity type/],
    ["tags.`mlflow.note.content` = 'x'", 1, /cannot be searched/],
    ['metrics.a', 10, /missing/],
  ])('refuses %s at %i', (filter, position, what) => {
    const error = problem(filter);
    expect(error).toMatchObject({ code: 'MLF_FILTER_INVALID', data: { position } });
    expect(error.message).toMatch(what);
  });

  it('reads back every key and value, however they are quoted', () => {
    const quoted = (text: string, quote: string) => quote + text.replaceAll(quote, quote + quote) + quote;
    const key = fc.string({ minLength: 1, unit: 'grapheme' });
    const value = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(key, value, fc.constantFrom('`', '"'), fc.constantFrom("'", '"'), (key, value, q1, q2) => {
        const filter = `params.${quoted(key, q1)} = ${quoted(value, q2)}`;
        expect(runs(filter)).toEqual([{ field: 'param', key, comparison: '=', value }]);
      }),
    );
  });

  it('answers anything with conditions or its own error', () => {
    const pieces = fc.constantFrom(
      ...[
        'params.a',
        'metrics.',
        '`',
        "'",
        '"',
        '=',
        '<',
        '(',
        ')',
        ',',
        ';',
        'IN',
        'NOT',
        'AND',
        'like',
        '1',
        '-',
        '.5e',
        ' ',
        '\n',
      ],
    );
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(anything, (filter) => {
        try {
          for (const { field } of runs(filter)) expect(typeof field).toBe('string');
        } catch (error) {
          expect(error).toMatchObject({ code: 'MLF_FILTER_INVALID', status: 400 });
        }
      }),
    );
  });

  it('reads hostile lengths in one pass', () => {
    const long = 199_000;
    for (const filter of [
      'a.'.repeat(long / 2),
      `params.a = ${"''".repeat(long / 2 - 10)}'`,
      '1'.repeat(long),
      '('.repeat(long),
      `${' '.repeat(long)}x`,
      `params.${'x'.repeat(long)} = 1`,
      '`'.repeat(long),
      `run_id IN (${"'a',".repeat(40_000)}`,
      'x'.repeat(300_000),
    ]) {
      expect(problem(filter)).toMatchObject({ code: 'MLF_FILTER_INVALID' });
      expect(problem(filter).message.length).toBeLessThan(500);
    }
    const words = '%_'.repeat(4000);
    expect(runs(`status LIKE '${words}'`)).toEqual([{ field: 'status', comparison: 'in', value: [''] }]);
  });
});

describe('filters of the other nouns', () => {
  it('know the fields that MLflow gives them', () => {
    expect(parseFilter("name ILIKE 'x%' AND tags.k = 'v' AND creation_time > 3", experimentVocabulary)).toEqual([
      { field: 'name', comparison: 'ilike', value: 'x%' },
      { field: 'tag', key: 'k', comparison: '=', value: 'v' },
      { field: 'createdAt', comparison: '>', value: 3 },
    ]);
    expect(parseFilter("run_id IN ('a') AND version_number >= 2", versionVocabulary)).toEqual([
      { field: 'runId', comparison: 'in', value: ['a'] },
      { field: 'version', comparison: '>=', value: 2 },
    ]);
    const models =
      "name = 'm' AND metrics.f1 > 0.5 AND params.a = 'b' AND creation_timestamp_ms < 9 AND status != 'READY'";
    expect(parseFilter(models, loggedModelVocabulary).map(({ field }) => field)).toEqual([
      ...['name', 'metric', 'param', 'createdAt', 'status'],
    ]);
    expect(parseFilter("status != 'READY'", loggedModelVocabulary)[0]?.value).toEqual(['pending', 'failed']);
    expect(() => parseFilter('metrics.a > 1', experimentVocabulary)).toThrow(/Invalid entity type/);
    expect(() => parseFilter('metric.a > 1', loggedModelVocabulary)).toThrow(/Invalid entity type/);
  });

  it('hide prompts, which are models that carry a tag, unless they are asked for', () => {
    const tag = 'tags.`mlflow.prompt.is_prompt`';
    const hidden = { field: 'tag', key: 'mlflow.prompt.is_prompt', comparison: '!=', value: 'true', orMissing: true };
    expect(parseFilter(`${tag} != 'true'`, modelVocabulary)).toEqual([hidden]);
    expect(parseFilter(`${tag} = 'false'`, versionVocabulary)).toMatchObject([{ comparison: '=', orMissing: true }]);
    expect(parseFilter(`${tag} = 'true'`, modelVocabulary)[0]).not.toHaveProperty('orMissing');
    expect(hidePrompts([])).toEqual([hidden]);
    const asked = parseFilter(`${tag} = 'true'`, modelVocabulary);
    expect(hidePrompts(asked)).toEqual(asked);
  });
});

describe('an order', () => {
  it('names fields and keys, ascending unless it says DESC', () => {
    const clauses = ['metrics.`a b` DESC', 'params.x', 'attribute.start_time asc', 'end_time desc', 'tags."k" ASC'];
    expect(parseOrder(clauses, runVocabulary)).toEqual([
      { field: 'metric', key: 'a b', direction: 'desc' },
      { field: 'param', key: 'x', direction: 'asc' },
      { field: 'startedAt', direction: 'asc' },
      { field: 'endedAt', direction: 'desc' },
      { field: 'tag', key: 'k', direction: 'asc' },
    ]);
    expect(parseOrder(['timestamp DESC', 'name'], modelVocabulary)).toEqual([
      { field: 'updatedAt', direction: 'desc' },
      { field: 'name', direction: 'asc' },
    ]);
    expect(parseOrder(['experiment_id', 'name DESC'], experimentVocabulary)).toHaveLength(2);
  });

  it.each([
    [
      '',
      'metrics.a up',
      'metrics.a ASC NULLS',
      'nothing',
      'dataset.name',
      "'x'",
      '1',
      'metrics.a, params.b',
      'metrics.a "ASC"',
      ';',
    ],
  ])('refuses %s and its kin', (...clauses) => {
    for (const clause of clauses) {
      expect(() => parseOrder([clause], runVocabulary)).toThrow(
        expect.objectContaining({ code: 'MLF_FILTER_INVALID' }),
      );
    }
    expect(() => parseOrder(['tags.k'], experimentVocabulary)).toThrow(/order_by/);
    expect(() => parseOrder(['run_id'], versionVocabulary)).toThrow(/Invalid attribute key/);
  });
});
