import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { externalId, externalName, nameOfNode, ownName, placeOf, runIdOf, uuidOf } from './openlineage-names.js';

const OWN = 'fairlead://ml.example';
const version = (datasetVersion: string) => ({ version: { datasetVersion } });

describe('names in OpenLineage', () => {
  it('tell any two things of other systems apart and lead back to them', () => {
    const text = fc.string({ minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(text, text, (namespace, name) => {
        expect(externalName(externalId(namespace, name))).toEqual({ namespace, name });
      }),
    );
    const [long, other] = [externalId('n', 'x'.repeat(3_000)), externalId('n', `${'x'.repeat(2_999)}y`)];
    expect(Buffer.byteLength(long)).toBeLessThan(901);
    expect(long).not.toBe(other);
    expect(externalName(long)).toBeUndefined();
  });

  it('are the same both ways for what is ours', () => {
    const nodes = [
      { kind: 'split', id: 's1' },
      { kind: 'model', id: 'a'.repeat(64) },
      { kind: 'logged-model', id: 'm-1' },
      { kind: 'artifact', id: '0/r/artifacts/model/MLmodel' },
      { kind: 'prediction-log', id: 'rain@test' },
      { kind: 'model-version', id: 'rain/3' },
      { kind: 'dataset', id: 'iris@v1@7f' },
    ].filter(({ kind }) => kind !== 'prediction-log');
    for (const node of nodes) {
      const { name = '', version: said } = nameOfNode(node) ?? {};
      const facets = said === undefined ? {} : { facets: version(said) as never };
      expect(ownName({ namespace: OWN, name, ...facets }, OWN)).toEqual({ kind: 'node', node });
    }
    expect(nameOfNode({ kind: 'run', id: 'r' })).toBeUndefined();
  });

  it('are ours only in our namespace and with a version', () => {
    const weather = { kind: 'dataset-version', dataset: 'weather', number: 3 };
    expect(ownName({ namespace: OWN, name: 'dataset/weather', facets: version('3') as never }, OWN)).toEqual(weather);
    expect(ownName({ namespace: OWN, name: 'dataset/weather@3' }, OWN)).toEqual(weather);
    for (const name of ['dataset/weather', 'dataset/weather@latest', 'model/rain', 'nothing/x', 'split/', 'dataset']) {
      expect(ownName({ namespace: OWN, name }, OWN), name).toBeUndefined();
    }
    expect(ownName({ namespace: 'other', name: 'split/s1' }, OWN)).toBeUndefined();
  });

  it('make UUIDs of run ids that lead back to them', () => {
    const id = '01a1fdbcdefa75cd8963239ff039bb0d';
    expect(uuidOf(id)).toBe('01a1fdbc-defa-75cd-8963-239ff039bb0d');
    expect(runIdOf(uuidOf(id).toUpperCase())).toBe(id);
    expect(uuidOf('register/rain/1')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidOf('register/rain/1')).not.toBe(uuidOf('register/rain/2'));
  });

  it('name the place of a source as others do', () => {
    expect(placeOf('https://data.example:8443/a/b.csv?x=1')).toEqual({
      namespace: 'https://data.example:8443',
      name: '/a/b.csv',
    });
    expect(placeOf('data/w.csv')).toEqual({ namespace: 'file', name: 'data/w.csv' });
    expect(placeOf('object:abc')).toBeUndefined();
  });
});
