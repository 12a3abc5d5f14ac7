import { describe, expect, it } from 'vitest';
import { MAX_DATASETS, parseEvent } from './parse-event-rules.js';

const base = {
  eventTime: '2026-11-21T10:00:00.123+01:00',
  producer: 'https://github.com/OpenLineage/OpenLineage/tree/1.54.0/client/python',
  schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
};
const facet = { _producer: 'urn:x', _schemaURL: 'urn:y' };
const run = { runId: '0176a8c2-fe01-7439-87e6-56a1a1b4029f' };
const job = { namespace: 'airflow', name: 'dag.task' };
const dataset = { namespace: 's3://bucket', name: 'a/b.parquet' };
const runEvent = { ...base, eventType: 'COMPLETE', run, job, inputs: [dataset], outputs: [] };
const kindOf = (value: unknown) => {
  const found = parseEvent(value);
  return 'event' in found ? found.event.kind : found.issues.map(({ path }) => path);
};

describe('an OpenLineage event', () => {
  it('is told apart by what it speaks of', () => {
    expect(kindOf(runEvent)).toBe('run');
    expect(kindOf({ ...base, job, outputs: [dataset] })).toBe('job');
    expect(kindOf({ ...base, dataset })).toBe('dataset');
    expect(kindOf(base)).toEqual(['']);
    expect(kindOf({ ...base, job, dataset })).toEqual(['']);
  });

  it('may carry facets and members that nobody knows, when the facets have what every facet has', () => {
    const facets = { airflow_dagRun: { ...facet, dag: { a: [1, null] } }, gone: { ...facet, _deleted: true } };
    const given = { ...runEvent, more: 1, run: { ...run, facets }, inputs: [{ ...dataset, inputFacets: facets }] };
    expect(parseEvent(given)).toEqual({ event: { kind: 'run', event: given } });
    expect(kindOf({ ...runEvent, inputs: null, run: { ...run, facets: null } })).toBe('run');
    expect(kindOf({ ...runEvent, job: { ...job, facets: { x: { _producer: 'urn:x' } } } })).toEqual([
      'job.facets.x._schemaURL',
    ]);
    expect(kindOf({ ...runEvent, outputs: [{ ...dataset, outputFacets: { x: 1 } }] })).toEqual([
      'outputs[0].outputFacets.x',
    ]);
  });

  it.each([
    ['eventTime', { eventTime: '2026-11-21T10:00:00' }],
    ['eventTime', { eventTime: '2026-13-41T10:00:00Z' }],
    ['eventTime', { eventTime: 5 }],
    ['producer', { producer: 'me' }],
    ['schemaURL', { schemaURL: undefined }],
    ['eventType', { eventType: 'DONE' }],
    ['run.runId', { run: { runId: 'abc' } }],
    ['run', { run: 'abc' }],
    ['job', { job: undefined }],
    ['job.name', { job: { namespace: 'a', name: '' } }],
    ['job.namespace', { job: { namespace: 'a'.repeat(4_001), name: 'b' } }],
    ['inputs', { inputs: {} }],
    ['inputs', { inputs: Array.from({ length: MAX_DATASETS + 1 }, () => dataset) }],
    ['inputs[0]', { inputs: ['x'] }],
    ['outputs[0].namespace', { outputs: [{ name: 'x' }] }],
    ['run.facets.parent.run.runId', { run: { ...run, facets: { parent: { ...facet, run: { runId: 1 }, job } } } }],
  ])('says where it is wrong: %s', (path, change) => {
    expect(kindOf({ ...runEvent, ...change })).toEqual([path]);
  });

  it.each([null, 5, 'x', [], [runEvent]])('is an object: %j', (value) => {
    expect(kindOf(value)).toEqual(['']);
  });
});
