import { isFairleadError } from '@fairlead/kernel';
import type { DatasetVersion } from '../../data/index.js';
import type { LineageNode } from '../../tracking/index.js';
import type { WriteFacet } from './facets.js';
import type { OpenLineageDeps } from './openlineage-deps.js';
import { externalName, nameOfNode, placeOf, versionName } from './openlineage-names.js';
import type { EventDataset, Facet, Facets } from './openlineage-types.js';

export interface DatasetWriter {
  readonly deps: Pick<OpenLineageDeps, 'data' | 'registry'>;
  readonly namespace: string;
  readonly facet: WriteFacet;
}

/** The datasets that the nodes are in the eyes of other systems; nodes that are no data (runs, code) are left out. */
export async function eventDatasets(writer: DatasetWriter, nodes: readonly LineageNode[]): Promise<EventDataset[]> {
  const found = new Map<string, EventDataset>();
  for (const node of nodes) {
    const dataset = await eventDataset(writer, node);
    // Two versions of one dataset in a run are two entries.
    if (dataset !== undefined) found.set(JSON.stringify([dataset.name, dataset.facets?.version]), dataset);
  }
  return [...found.values()];
}

async function eventDataset(writer: DatasetWriter, node: LineageNode): Promise<EventDataset | undefined> {
  if (node.kind === 'external-dataset') return externalName(node.id);
  if (node.kind === 'dataset-version') {
    const version = await known(writer.deps.data.versionById(node.id));
    return version && versionDataset(writer, version);
  }
  const named = nameOfNode(node);
  if (named === undefined) return undefined;
  const { namespace, facet } = writer;
  const owner = node.kind === 'model-version' ? await ownerOf(writer, node.id) : undefined;
  const facets: Record<string, Facet> = {
    ...(named.version !== undefined && {
      version: facet('DatasetVersionDatasetFacet', { datasetVersion: named.version }),
    }),
    ...(owner !== undefined && { ownership: facet('OwnershipDatasetFacet', { owners: [{ name: owner }] }) }),
  };
  return { namespace, name: named.name, ...(Object.keys(facets).length > 0 && { facets }) };
}

/** A dataset version with its columns, its number, and where it came from and what it is where that was said. */
export async function versionDataset(
  { deps, namespace, facet }: DatasetWriter,
  version: DatasetVersion,
): Promise<EventDataset> {
  const { name, version: number } = versionName(version.dataset, version.number);
  const spec = (await known(deps.data.get(version.dataset)))?.spec;
  const described = (column: string) => spec?.source.columns?.[column]?.description;
  const fields = version.columns.map(({ name: column, type }, i) => ({
    name: column,
    type,
    ordinal_position: i + 1,
    ...(described(column) !== undefined && { description: described(column) }),
  }));
  const facets: Facets = {
    schema: facet('SchemaDatasetFacet', { fields }),
    version: facet('DatasetVersionDatasetFacet', { datasetVersion: number }),
    dataSource: facet('DatasourceDatasetFacet', { name: namespace, uri: dataSourceUri(namespace) }),
    ...(spec?.description !== undefined && {
      documentation: facet('DocumentationDatasetFacet', { description: spec.description }),
    }),
  };
  return { namespace, name, facets };
}

/** The place bytes were read from; bytes that were uploaded are named by their digest. */
export function sourceDataset(
  { namespace, facet }: DatasetWriter,
  { source, sourceDigest }: { source: string; sourceDigest: string },
): EventDataset {
  const place = placeOf(source) ?? { namespace, name: `source/${sourceDigest}` };
  return { ...place, facets: { version: facet('DatasetVersionDatasetFacet', { datasetVersion: sourceDigest }) } };
}

export function outputStatistics(
  { facet }: DatasetWriter,
  { files }: Pick<DatasetVersion, 'files'>,
  rowCount: number,
): Facets {
  const size = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return { outputStatistics: facet('OutputStatisticsOutputDatasetFacet', { rowCount, size, fileCount: files.length }) };
}

/** A namespace need not be a URI, the facet's member must be one. */
function dataSourceUri(namespace: string): string {
  return URL.canParse(namespace) ? namespace : `urn:fairlead:namespace:${encodeURIComponent(namespace)}`;
}

/** Who owns a model, when somebody wrote that into its card. */
async function ownerOf({ deps }: DatasetWriter, id: string): Promise<string | undefined> {
  const at = id.lastIndexOf('/');
  const card = await known(deps.registry.card(id.slice(0, at), Number(id.slice(at + 1))));
  const owner = card?.fields.find(({ name, source }) => name === 'Owner' && source === 'human');
  return owner?.value ?? undefined;
}

export async function known<T>(fact: Promise<T>): Promise<T | undefined> {
  try {
    return await fact;
  } catch (error) {
    if (isFairleadError(error) && error.fault === 'user') return undefined;
    throw error;
  }
}
