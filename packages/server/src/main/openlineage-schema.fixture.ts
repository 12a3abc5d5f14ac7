import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

// What https://openlineage.io/spec/2-0-2/OpenLineage.json and the facet files of that release demand, in our own words:
// required members, formats, and the members that the facets we write may have.
const text = { type: 'string' };
const uri = { type: 'string', format: 'uri' };
const uuid = { type: 'string', format: 'uuid' };
const named = (more: object) => ({
  type: 'object',
  required: ['namespace', 'name'],
  properties: { namespace: text, name: text, ...more },
});
const facet = (file: string, required: readonly string[], properties: object) => ({
  type: 'object',
  required: ['_producer', '_schemaURL', ...required],
  properties: {
    _producer: uri,
    _schemaURL: { const: `https://openlineage.io/spec/facets/${file}.json#/$defs/${file.split('/')[1]}` },
    ...properties,
  },
  additionalProperties: false,
});
const facets = (properties: object) => ({ type: 'object', properties, additionalProperties: false });

const datasetFacets = facets({
  schema: facet('1-2-0/SchemaDatasetFacet', [], {
    fields: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: text, type: text, description: text, ordinal_position: { type: 'integer' } },
        additionalProperties: false,
      },
    },
  }),
  dataSource: facet('1-0-1/DatasourceDatasetFacet', [], { name: text, uri }),
  version: facet('1-0-1/DatasetVersionDatasetFacet', ['datasetVersion'], { datasetVersion: text }),
  documentation: facet('1-1-0/DocumentationDatasetFacet', ['description'], { description: text }),
  ownership: facet('1-0-1/OwnershipDatasetFacet', [], {
    owners: { type: 'array', items: { type: 'object', required: ['name'], properties: { name: text, type: text } } },
  }),
  columnLineage: facet('1-2-0/ColumnLineageDatasetFacet', ['fields'], {
    fields: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        required: ['inputFields'],
        properties: {
          inputFields: {
            type: 'array',
            items: {
              ...named({
                field: text,
                transformations: {
                  type: 'array',
                  items: {
                    type: 'object',
                    required: ['type'],
                    properties: { type: { enum: ['DIRECT', 'INDIRECT'] }, subtype: text },
                  },
                },
              }),
              required: ['namespace', 'name', 'field'],
            },
          },
        },
      },
    },
  }),
});
const count = { type: 'integer', minimum: 0 };
const outputFacets = facets({
  outputStatistics: facet('1-0-2/OutputStatisticsOutputDatasetFacet', [], {
    rowCount: count,
    size: count,
    fileCount: count,
  }),
});
const runFacets = facets({
  processing_engine: facet('1-1-1/ProcessingEngineRunFacet', ['version'], { version: text, name: text }),
  parent: facet('1-2-0/ParentRunFacet', ['run', 'job'], {
    run: { type: 'object', required: ['runId'], properties: { runId: uuid } },
    job: named({}),
  }),
  errorMessage: facet('1-0-1/ErrorMessageRunFacet', ['message', 'programmingLanguage'], {
    message: text,
    programmingLanguage: text,
  }),
});
const jobFacets = facets({
  jobType: facet('2-0-4/JobTypeJobFacet', ['processingType', 'integration'], {
    processingType: text,
    integration: text,
    jobType: text,
  }),
  sourceCodeLocation: facet('1-1-0/SourceCodeLocationJobFacet', ['type', 'url'], {
    type: text,
    url: uri,
    repoUrl: text,
    path: text,
    version: text,
    branch: text,
  }),
  documentation: facet('1-1-0/DocumentationJobFacet', ['description'], { description: text }),
});

const runEvent = {
  type: 'object',
  required: ['eventTime', 'producer', 'schemaURL', 'run', 'job'],
  properties: {
    eventTime: { type: 'string', format: 'date-time' },
    producer: uri,
    schemaURL: { const: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent' },
    eventType: { enum: ['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER'] },
    run: { type: 'object', required: ['runId'], properties: { runId: uuid, facets: runFacets } },
    job: named({ facets: jobFacets }),
    inputs: { type: 'array', items: named({ facets: datasetFacets }) },
    outputs: { type: 'array', items: named({ facets: datasetFacets, outputFacets }) },
  },
  additionalProperties: false,
};

const ajv = new Ajv2020({ allErrors: true, strict: false });
addFormats.default(ajv);
const validate = ajv.compile(runEvent);

/** What is wrong with an event that we send; empty when nothing is. */
export function problemsOf(event: unknown): string[] {
  return validate(event) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}
