import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { everythingKnown, nothingKnown } from './card.fixture.js';
import { cyclonedxCard } from './cyclonedx-card.js';

// The official schema of CycloneDX 1.6 (JSON, draft-07) as @cyclonedx/cyclonedx-library 10.3.0 ships it.
const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema');
const schema = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.SNAPSHOT.schema.json`), 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
for (const format of ['iri-reference', 'idn-email']) ajv.addFormat(format, true);
for (const name of ['spdx', 'jsf-0.82']) {
  ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
}
const validate = ajv.compile(schema('bom-1.6'));
const problemsOf = (bom: unknown) =>
  validate(bom) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);

interface Component {
  readonly type: string;
  readonly 'bom-ref': string;
  readonly hashes?: readonly { alg: string; content: string }[];
}

describe('the ML-BOM of a model version', () => {
  it('is valid by the schema of CycloneDX 1.6, also when next to nothing is known', () => {
    expect(problemsOf({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ type: 'model' }] })).not.toEqual([]);
    for (const environment of [null, everythingKnown.environment, { name: 'uv.lock', digest: null, packages: null }]) {
      for (const facts of [everythingKnown, nothingKnown]) {
        expect(problemsOf(cyclonedxCard({ ...facts, environment }, '0.1.0'))).toEqual([]);
      }
    }
  });

  it('has the card, the data with digests, the files, and the packages of the training environment', () => {
    const bom = cyclonedxCard(everythingKnown, '0.1.0');
    expect(bom.metadata).toMatchObject({
      component: {
        type: 'machine-learning-model',
        name: 'rain',
        version: '3',
        hashes: [{ alg: 'SHA-256', content: 'd'.repeat(64) }],
        modelCard: {
          modelParameters: {
            approach: { type: 'supervised' },
            task: 'classification',
            datasets: [{ ref: `dataset-version:${'1'.repeat(64)}` }, { ref: `source:${'2'.repeat(64)}` }],
          },
          considerations: {
            users: ['Dispatchers'],
            technicalLimitations: ['Summer only', 'Out of scope: Shipping forecasts'],
          },
        },
      },
    });
    const components = bom.components as readonly Component[];
    expect(components.map((component) => `${component.type} ${component['bom-ref']}`)).toEqual([
      'file file:model.onnx',
      `data dataset-version:${'1'.repeat(64)}`,
      `data source:${'2'.repeat(64)}`,
      'platform environment',
      'library pkg:npm/%40scope/a@1.0.0',
      'library pkg:pypi/scikit-learn@1.5.2',
    ]);
    expect(bom.dependencies).toEqual([
      { ref: 'model', dependsOn: [`dataset-version:${'1'.repeat(64)}`, `source:${'2'.repeat(64)}`, 'environment'] },
      { ref: 'environment', dependsOn: ['pkg:npm/%40scope/a@1.0.0', 'pkg:pypi/scikit-learn@1.5.2'] },
    ]);
    expect(cyclonedxCard(everythingKnown, '0.1.0')).toEqual(bom);
    expect(cyclonedxCard(nothingKnown, '0.1.0').serialNumber).not.toBe(bom.serialNumber);
  });
});
