import { profileTable } from '@fairlead/num';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { context, openTestHome, type TestHome } from './data.fixture.js';

let home: TestHome;
beforeAll(async () => {
  home = await openTestHome();
});
afterAll(() => home.dispose());

it('profiles a large version beside the server’s thread as it would in it', async () => {
  const rows = Array.from({ length: 60_000 }, (_, i) => `${i},${i % 7 === 0 ? '' : `c${i % 5}`}`);
  home.write('large.csv', ['n,c', ...rows].join('\n'));
  const columns = { n: { type: 'number' }, c: { type: 'string' } } as const;
  await home.data.declare(context, 'large', { source: { path: 'large.csv', columns } });
  const { version } = await home.data.ingest(context, { dataset: 'large' });
  const profile = await home.data.profile({ versionId: version?.id ?? '' });
  const here = profileTable(await home.data.readVersion(version?.id ?? ''));
  expect(JSON.parse(JSON.stringify(profile))).toEqual(JSON.parse(JSON.stringify(here)));
  expect(profile).toMatchObject({ rowCount: 60_000 });
});
