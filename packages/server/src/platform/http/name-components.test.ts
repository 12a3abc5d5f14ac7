import { describe, expect, it } from 'vitest';
import { nameComponents } from './name-components.js';

const interval = { type: 'object', title: 'Interval', properties: { lower: { type: 'number' } } };
const gate = {
  type: 'object',
  title: 'Gate',
  // A property, and not the name of a schema.
  properties: { title: { type: 'string' }, interval },
};
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe('the named schemas of an OpenAPI document', () => {
  it('are written once, those within them too, and referred to wherever they stand', () => {
    const document = {
      paths: { '/a': { get: { schema: gate } }, '/b': { post: { schema: { type: 'array', items: gate } } } },
      components: { securitySchemes: { token: {} } },
    };
    expect(nameComponents(document)).toEqual({
      paths: {
        '/a': { get: { schema: ref('Gate') } },
        '/b': { post: { schema: { type: 'array', items: ref('Gate') } } },
      },
      components: {
        securitySchemes: { token: {} },
        schemas: {
          Gate: { ...gate, properties: { title: { type: 'string' }, interval: ref('Interval') } },
          Interval: interval,
        },
      },
    });
  });

  it('leave values alone that look like them, and titles that are sentences', () => {
    const document = {
      info: { title: 'Fairlead' },
      paths: { '/a': { schema: { type: 'object', title: 'A run of a step', examples: [{ title: 'Gate' }] } } },
    };
    const { info: _, ...rest } = document;
    expect(nameComponents(rest)).toEqual(rest);
  });

  it('keep the examples that one place gives, and are refused when two differ otherwise', () => {
    const given = { a: { ...interval, examples: [{ lower: 1 }] }, b: interval };
    expect(nameComponents(given)).toMatchObject({
      components: { schemas: { Interval: { examples: [{ lower: 1 }] } } },
    });
    const other = { ...interval, properties: {} };
    expect(() => nameComponents({ a: interval, b: other })).toThrow(/two different schemas .* named Interval/);
  });
});
