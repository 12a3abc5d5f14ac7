import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../platform/config/index.js';
import { localActor } from '../platform/identity/index.js';
import { createLogger } from '../platform/telemetry/index.js';
import { createFairlead, type Fairlead } from './create-fairlead.js';

const me = { actor: localActor };

describe('the card of a version that another program logged', () => {
  let home: string;
  let fairlead: Fairlead;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'fairlead-cards-'));
    const config = loadConfig({ flags: { home, logLevel: 'silent' }, env: {}, cwd: home });
    fairlead = await createFairlead({ config, logger: createLogger(config), cwd: home });
    await fairlead.app.ready();
    const { tracking, catalogue } = fairlead.rooms;
    const tags = { estimator_name: 'RandomForestClassifier', 'mlflow.source.git.commit': 'c'.repeat(40) };
    const run = await tracking.startRun(me, { experiment: 'iris', tags, params: { max_depth: 4 } });
    await tracking.logBatch(me, run.id, { metrics: [{ key: 'accuracy', value: 0.97, step: 0, timestampMs: 1 }] });
    const put = (path: string, text: string) =>
      tracking.putArtifact(me, run.id, { path: `model/${path}`, bytes: Buffer.from(text) });
    await put('MLmodel', 'flavors:\n  sklearn:\n    pickled_model: model.pkl\n');
    await put('requirements.txt', 'scikit-learn==1.5.2\nnumpy==2.1.0\n');
    await catalogue.createModel(me, { name: 'iris' });
    const source = `${run.artifactRoot}/model`;
    await catalogue.createVersion(me, { model: 'iris', source, runId: run.id, description: 'From a notebook' });
    await catalogue.createModel(me, { name: 'bare' });
    await catalogue.createVersion(me, { model: 'bare', source });
    await fairlead.platform.db.transact(me, (tx) =>
      tracking.link(tx, [
        { from: { kind: 'dataset', id: 'iris@7f' }, to: { kind: 'run', id: run.id }, relation: 'input-of' },
      ]),
    );
  });
  afterAll(async () => {
    await fairlead.stop();
    rmSync(home, { recursive: true, force: true });
  });
  const get = (path: string, accept?: string) =>
    fairlead.app.inject({
      url: `/api/v1/models/${path}`,
      headers: { host: '127.0.0.1', ...(accept !== undefined && { accept }) },
    });

  it('tells what its run, its files and the graph tell, and marks the rest as missing', async () => {
    const { fields, completenessRatio } = (await get('iris/versions/1/card')).json();
    const of = (name: string) => fields.find((field: { name: string }) => field.name === name)?.value;
    expect(of('Trainer')).toBe('RandomForestClassifier');
    expect(of('Parameters')).toBe('max_depth = 4');
    expect(of('Flavours')).toBe('sklearn');
    expect(of('Dataset version')).toBe('iris@7f');
    expect(of('Code')).toBe(`commit ${'c'.repeat(40)}`);
    expect(of('Lock file')).toMatch(/^requirements\.txt, sha256:[0-9a-f]{64}, 2 packages$/);
    expect(of('Metrics that its run logged')).toBe('accuracy = 0.97');
    expect(of('Evaluation')).toBeNull();
    expect(completenessRatio).toBeGreaterThan(0.3);
    expect(completenessRatio).toBeLessThan(0.7);
    const bare = (await get('bare/versions/1/card')).json();
    expect(bare.completenessRatio).toBeLessThan(completenessRatio);
  });

  it('comes in every format, by the query or by the Accept header', async () => {
    for (const name of ['iris', 'bare']) {
      const types = {
        markdown: 'text/markdown; charset=utf-8',
        html: 'text/html; charset=utf-8',
        json: 'application/json; charset=utf-8',
        cyclonedx: 'application/vnd.cyclonedx+json',
      };
      for (const [format, type] of Object.entries(types)) {
        const answer = await get(`${name}/versions/1/card?format=${format}`);
        expect(answer.statusCode, format).toBe(200);
        expect(answer.headers['content-type'], format).toContain(type);
        const again = await get(`${name}/versions/1/card?format=${format}`);
        expect(again.body, 'equal facts give equal bytes').toBe(answer.body);
      }
    }
    const page = await get('iris/versions/1/card', 'text/html,application/xhtml+xml,*/*;q=0.8');
    expect(page.headers['content-security-policy']).toContain('sandbox');
    expect(page.body).toContain('<!doctype html>');
    const bom = JSON.parse((await get('iris/versions/1/card', 'application/vnd.cyclonedx+json')).body);
    expect(bom.components.map(({ purl }: { purl?: string }) => purl)).toEqual(
      expect.arrayContaining(['pkg:pypi/numpy@2.1.0', 'pkg:pypi/scikit-learn@1.5.2']),
    );
    const google = JSON.parse((await get('iris/versions/1/card?format=json')).body);
    expect(google.model_details).toMatchObject({ name: 'iris', overview: 'From a notebook' });
    expect((await get('iris/versions/1/card?format=pdf')).statusCode).toBe(400);
    expect((await get('iris/versions/9/card?format=html')).statusCode).toBe(404);
    expect((await get('none/versions/1/card')).statusCode).toBe(404);
  });

  it('takes the words of people', async () => {
    const answer = await fairlead.app.inject({
      method: 'PUT',
      url: '/api/v1/models/iris/versions/1/card',
      headers: { host: '127.0.0.1' },
      payload: { section: 'Considerations', name: 'Owner', text: 'Flora' },
    });
    expect(answer.statusCode).toBe(200);
    const google = JSON.parse((await get('iris/versions/1/card?format=json')).body);
    expect(google.model_details.owners).toEqual([{ name: 'Flora' }]);
  });
});
