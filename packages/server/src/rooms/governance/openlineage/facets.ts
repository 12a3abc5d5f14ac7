import type { Facet } from './openlineage-types.js';

const SPEC = 'https://openlineage.io/spec';
export const RUN_EVENT_SCHEMA = `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`;

/** Versions of the facets we write, as the specification of 2-0-2 publishes them. */
const VERSIONS = {
  SchemaDatasetFacet: '1-2-0',
  DatasourceDatasetFacet: '1-0-1',
  DatasetVersionDatasetFacet: '1-0-1',
  DocumentationDatasetFacet: '1-1-0',
  OwnershipDatasetFacet: '1-0-1',
  ColumnLineageDatasetFacet: '1-2-0',
  OutputStatisticsOutputDatasetFacet: '1-0-2',
  ParentRunFacet: '1-2-0',
  ProcessingEngineRunFacet: '1-1-1',
  ErrorMessageRunFacet: '1-0-1',
  SourceCodeLocationJobFacet: '1-1-0',
  DocumentationJobFacet: '1-1-0',
  JobTypeJobFacet: '2-0-4',
} as const;

export const producerOf = (version: string): string => `urn:fairlead:${version}`;

export type WriteFacet = (name: keyof typeof VERSIONS, members: Readonly<Record<string, unknown>>) => Facet;

/** Writes facets in the name of this program. */
export function facetWriter(version: string): WriteFacet {
  return (name, members) => ({
    _producer: producerOf(version),
    _schemaURL: `${SPEC}/facets/${VERSIONS[name]}/${name}.json#/$defs/${name}`,
    ...members,
  });
}
