import type { RecordedEvent } from '@fairlead/kernel';
import { splitCreated, versionCreated } from '../../data/index.js';
import { versionRegistered } from '../../registry/index.js';
import { deploymentReady } from '../../serving/index.js';
import { runEnded, runStarted } from '../../tracking/index.js';
import { eventDatasets, known, outputStatistics, sourceDataset, versionDataset } from './event-datasets.js';
import { type EventWriter, jobNameOf, neighbours } from './event-writer.js';
import { uuidOf } from './openlineage-names.js';
import type { EventDataset, RunEvent } from './openlineage-types.js';
import { tellRun } from './tell-run.js';

/** The entries of the ledger that other systems are told of. */
export const TOLD: readonly string[] = [
  runStarted.type,
  runEnded.type,
  versionCreated.type,
  splitCreated.type,
  versionRegistered.type,
  deploymentReady.type,
];

/** What one entry of the ledger is in the words of OpenLineage; nothing when what it speaks of is gone by now. */
export async function tellEntry(writer: EventWriter, entry: RecordedEvent): Promise<RunEvent[]> {
  const { deps } = writer;
  if (runStarted.is(entry) || runEnded.is(entry)) return tellRun(writer, entry);
  if (versionCreated.is(entry)) {
    const version = await known(deps.data.versionById(entry.payload.versionId));
    const delivery = await known(deps.data.delivery(entry.payload.deliveryId));
    if (version === undefined || delivery === undefined) return [];
    const parent = version.parentId === null ? undefined : await known(deps.data.versionById(version.parentId));
    return wholeRun(writer, entry, {
      runId: delivery.id,
      job: `ingest/${version.dataset}`,
      inputs: [
        sourceDataset(writer, delivery),
        ...(parent === undefined ? [] : [await versionDataset(writer, parent)]),
      ],
      outputs: [
        {
          ...(await versionDataset(writer, version)),
          outputFacets: outputStatistics(writer, version, version.rows),
        },
      ],
    });
  }
  if (splitCreated.is(entry)) return splitEvents(writer, entry, entry.payload);
  if (versionRegistered.is(entry)) {
    const { model, version, trackingRunId } = entry.payload;
    const node = { kind: 'model-version', id: `${model}/${version}` };
    return wholeRun(writer, entry, {
      runId: `register/${node.id}`,
      job: `register/${model}`,
      inputs: await eventDatasets(writer, await neighbours(deps, node, 'up')),
      outputs: await eventDatasets(writer, [node]),
      ...(trackingRunId !== null && { startedBy: trackingRunId }),
    });
  }
  if (deploymentReady.is(entry)) {
    const { model, version, endpoint, environment, deploymentId } = entry.payload;
    const log = { kind: 'prediction-log', id: environment === 'production' ? endpoint : `${endpoint}@${environment}` };
    return wholeRun(writer, entry, {
      runId: deploymentId,
      job: `deploy/${endpoint}`,
      inputs: await eventDatasets(writer, [{ kind: 'model-version', id: `${model}/${version}` }]),
      outputs: await eventDatasets(writer, [log]),
    });
  }
  return [];
}

interface WholeRun {
  readonly runId: string;
  readonly job: string;
  readonly inputs: readonly EventDataset[];
  readonly outputs: readonly EventDataset[];
  /** The tracking run in which it happened. */
  readonly startedBy?: string;
}

/** Something that was done at once still has a start and an end: the specification asks for one of each per run. */
async function wholeRun(writer: EventWriter, { atMs }: RecordedEvent, facts: WholeRun): Promise<RunEvent[]> {
  const { deps, facet, namespace } = writer;
  const starter = facts.startedBy === undefined ? undefined : await known(deps.tracking.run(facts.startedBy));
  const common = {
    atMs,
    runId: facts.runId,
    job: {
      name: facts.job,
      facets: {
        jobType: facet('JobTypeJobFacet', { processingType: 'BATCH', integration: 'FAIRLEAD', jobType: 'TASK' }),
      },
    },
    inputs: facts.inputs,
    ...(starter !== undefined && {
      runFacets: {
        parent: facet('ParentRunFacet', {
          run: { runId: uuidOf(starter.id) },
          job: { namespace, name: await jobNameOf(deps, starter) },
        }),
      },
    }),
  };
  return [
    writer.event({ ...common, type: 'START' }),
    writer.event({ ...common, type: 'COMPLETE', outputs: facts.outputs }),
  ];
}

/** The parts of a split hold the columns of the version as they are, so that column lineage is known exactly. */
async function splitEvents(
  writer: EventWriter,
  entry: RecordedEvent,
  { splitId, versionId }: { splitId: string; versionId: string },
): Promise<RunEvent[]> {
  const { deps, facet } = writer;
  const version = await known(deps.data.versionById(versionId));
  const split = await known(deps.data.splitById(splitId));
  if (version === undefined || split === undefined) return [];
  const input = await versionDataset(writer, version);
  const fields = version.columns.map(({ name }) => [
    name,
    {
      inputFields: [
        {
          namespace: input.namespace,
          name: input.name,
          field: name,
          transformations: [{ type: 'DIRECT', subtype: 'IDENTITY' }],
        },
      ],
    },
  ]);
  const [output] = await eventDatasets(writer, [{ kind: 'split', id: splitId }]);
  if (output === undefined) return [];
  const columnLineage = facet('ColumnLineageDatasetFacet', { fields: Object.fromEntries(fields) });
  return wholeRun(writer, entry, {
    runId: splitId,
    job: `split/${version.dataset}`,
    inputs: [input],
    outputs: [{ ...output, facets: { ...output.facets, columnLineage } }],
  });
}
