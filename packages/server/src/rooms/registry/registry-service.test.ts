import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Actor, fixedClock } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLedger } from '../../platform/db/index.js';
import { openTestSqlite, type TestDb } from '../../platform/db/testing.js';
import { jobMigrations } from '../../platform/jobs/index.js';
import { createLocalObjectStore } from '../../platform/objects/index.js';
import { evaluationErrors } from '../evaluation/index.js';
import type { LineageEdge } from '../tracking/index.js';

import { createRegistry } from './create-registry.js';
import { registryMigrations } from './registry-migrations.js';
import { isAlias } from './registry-rules.js';
import { aVersion, edgesInto, noOutsideWorld } from './registry-testing.js';
import type { NewModelVersion, RegistryService } from './registry-types.js';

const ann: Actor = { kind: 'user', id: 'ann', roles: ['data-scientist'], authenticated: true };
const context = { actor: ann };
const clock = fixedClock(1_000);

describe('the registry', () => {
  let test: TestDb;
  let registry: RegistryService;
  let request: NewModelVersion;
  const edges: LineageEdge[] = [];
  beforeAll(async () => {
    test = await openTestSqlite([jobMigrations, registryMigrations]);
    const objects = createLocalObjectStore(mkdtempSync(join(tmpdir(), 'fairlead-objects-')));
    const { digest, sizeBytes } = await objects.putBytes(new TextEncoder().encode('a model'));
    const { version: _v, createdAtMs: _c, createdBy: _b, ...rest } = aVersion({ digest });
    request = { ...rest, files: [{ path: 'model.onnx', digest, sizeBytes }] };
    registry = createRegistry({
      ...noOutsideWorld(test.db),
      objects,
      clock,
      tracking: edgesInto(edges),
      evaluation: { report: () => Promise.reject(evaluationErrors.EVAL_REPORT_NOT_FOUND('no report was stored')) },
    }).service;
  });
  afterAll(() => test.dispose());

  it('registers the same bytes of the same run once, with lineage and an event', async () => {
    const first = await registry.register(context, request);
    const again = await registry.register(context, request);
    expect(first).toMatchObject({ model: 'rain', version: 1, createdBy: 'ann', createdAtMs: 1_000 });
    expect(again).toEqual(first);
    expect(edges.map((edge) => edge.relation)).toEqual(['trained-on', 'produced-by']);
    const events = await readLedger(test.db, { afterSeq: 0, limit: 10 });
    expect(events.map((event) => event.type)).toEqual(['registry.version-registered']);
    expect(events[0]?.after).toMatchObject({ digest: request.digest });
  });

  it('refuses a version whose file was never stored', async () => {
    const lost = { ...request, files: [{ path: 'model.onnx', digest: 'a'.repeat(64), sizeBytes: 1 }] };
    await expect(registry.register(context, lost)).rejects.toMatchObject({ code: 'REG_FILE_MISSING' });
    await expect(registry.register(context, { ...request, model: '../x' })).rejects.toMatchObject({
      code: 'REG_NAME_INVALID',
    });
  });

  it('finds a version by number, alias and latest', async () => {
    await registry.setAlias(context, 'rain', { name: 'champion', version: 1 });
    for (const ref of [1, '1', 'champion', 'latest']) expect((await registry.version('rain', ref)).version).toBe(1);
    await expect(registry.version('rain', 9)).rejects.toMatchObject({ code: 'REG_VERSION_NOT_FOUND' });
    await expect(registry.version('snow', 1)).rejects.toMatchObject({ code: 'REG_MODEL_NOT_FOUND' });
    await expect(registry.setAlias(context, 'rain', { name: 'champion', version: 9 })).rejects.toMatchObject({
      code: 'REG_VERSION_NOT_FOUND',
    });
    clock.advance(1);
    await registry.removeAlias(context, 'rain', 'champion');
    expect((await registry.aliasHistory('rain')).map(({ version, by }) => [version, by])).toEqual([
      [null, 'ann'],
      [1, 'ann'],
    ]);
  });

  it('knows no alias that nobody set, whatever objects inherit', async () => {
    const before = await registry.aliasHistory('rain');
    for (const alias of ['constructor', '__proto__', 'toString']) {
      await expect(registry.version('rain', alias)).rejects.toMatchObject({ code: 'REG_VERSION_NOT_FOUND' });
      await registry.removeAlias(context, 'rain', alias);
    }
    expect(await registry.aliasHistory('rain')).toEqual(before);
  });

  it('marks what is missing in a card and shows what people wrote', async () => {
    const before = await registry.card('rain', 1);
    expect(before.fields.find((field) => field.name === 'Evaluation')?.source).toBe('missing');
    await registry.setCardText(context, 'rain', {
      version: 1,
      section: 'Intended use',
      name: 'Purpose',
      text: 'Plan <b>cranes</b>',
    });
    const after = await registry.card('rain', 1);
    expect(after.fields.find((field) => field.name === 'Purpose')).toMatchObject({
      source: 'human',
      value: 'Plan <b>cranes</b>',
    });
    expect(after.completenessRatio).toBeGreaterThan(before.completenessRatio);
    expect(after.markdown).toContain('Plan \\<b\\>cranes\\</b\\>');
    const wrong = { version: 1, section: 'Model', name: 'Digest', text: 'x' };
    await expect(registry.setCardText(context, 'rain', wrong)).rejects.toMatchObject({
      code: 'REG_CARD_FIELD_UNKNOWN',
    });
  });

  it('changes tags one by one', async () => {
    await registry.setTags(context, 'rain', { version: 1, tags: { team: 'port', tier: 'gold' } });
    const { tags } = await registry.setTags(context, 'rain', { version: 1, tags: { tier: null } });
    expect(tags).toEqual({ team: 'port' });
  });
});

describe('rules of the registry', () => {
  it('keep reserved words out of aliases', () => {
    expect(['champion', 'in-test', '_x'].every(isAlias)).toBe(true);
    expect(['latest', 'Latest', 'v1', 'V22', '1', 'a b', '', 'a/b'].some(isAlias)).toBe(false);
  });
});
