import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lake } from '../../platform/lake/index.js';
import { openTestLake } from '../../platform/lake/testing.js';
import { checkCondition, checkExpression, type Scope } from './expression-guard.js';

const scope: Scope = [
  { name: 'temp max', type: 'number' },
  { name: 'wind', type: 'number' },
  { name: 'city', type: 'string' },
  { name: 'date', type: 'timestamp' },
];

describe('an SQL expression of a project file', () => {
  let lake: Lake;
  beforeAll(async () => {
    ({ lake } = await openTestLake());
  });
  afterAll(() => lake.close());
  const typeOf = (sql: string) => checkExpression(lake, { key: 'source.derive.x', sql }, { scope });

  it('gets its type from the columns of the row', async () => {
    expect(await typeOf('wind * 2 -- doubled')).toBe('number');
    expect(await typeOf('"temp max" > 30 and city = \'Oslo\'')).toBe('boolean');
    expect(await typeOf('month(date)')).toBe('integer');
    expect(await typeOf("date + interval '1 day'")).toBe('timestamp');
    expect(await typeOf('case when wind > 3 then upper(city) end')).toBe('string');
  });

  it.each([
    ['1e999', 'a number beyond'],
    ['9'.repeat(400), 'a number beyond'],
    ['(select 1)', 'sub-select'],
    ["exists (from read_csv('/etc/passwd'))", 'sub-select'],
    ["wind) from read_text('/etc/passwd') where (true", 'more than one'],
    ['wind), (2', 'more than one'],
    ['wind); drop table x; select (1', ''],
    ['random()', 'random'],
    ['wind + epoch(now())', 'now'],
    ["current_date > '2020-01-01'", 'current_date'],
    ["current_setting('threads')", 'current_setting'],
    ['sleep_ms(10)', 'sleep_ms'],
    ['sum(wind)', ''],
    ['row_number() over ()', 'window'],
    ['*', 'star'],
    ['nothing + 1', 'no column nothing'],
    ['scope.wind', 'without a table'],
    ['wind +', ''],
    ['[wind]', 'DOUBLE[]'],
    ['?', ''],
    ['list_sum(list_transform([wind], lambda x: x + 1))', 'lambda'],
  ])('is refused when it says %s', async (sql, word) => {
    await expect(typeOf(sql)).rejects.toMatchObject({
      code: 'DATA_EXPRESSION_INVALID',
      data: { key: 'source.derive.x' },
      message: expect.stringContaining(word),
    });
  });

  it('may aggregate only where a whole delivery is judged', async () => {
    const check = { key: 'checks.calm', sql: 'avg(wind) < 40 and count(*) > 0' };
    await checkCondition(lake, check, { scope, aggregate: true });
    await expect(checkCondition(lake, check, { scope })).rejects.toMatchObject({ code: 'DATA_EXPRESSION_INVALID' });
    const number = { key: 'checks.calm', sql: 'avg(wind)' };
    await expect(checkCondition(lake, number, { scope, aggregate: true })).rejects.toThrow(/not true or false/);
  });
});
