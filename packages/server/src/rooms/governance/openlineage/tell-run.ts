import type { RecordedEvent } from '@fairlead/kernel';
import { type Run, runStarted } from '../../tracking/index.js';
import { eventDatasets, known } from './event-datasets.js';
import { type EventWriter, jobNameOf, neighbours } from './event-writer.js';
import { uuidOf } from './openlineage-names.js';
import type { EventType, Facet, RunEvent } from './openlineage-types.js';

const ENDS: Readonly<Record<string, EventType>> = { finished: 'COMPLETE', failed: 'FAIL', killed: 'ABORT' };

/** The start or the end of a tracked run. What it read and made is known when it ends; the start names what it read so far. */
export async function tellRun(writer: EventWriter, entry: RecordedEvent): Promise<RunEvent[]> {
  const { deps } = writer;
  const run = await known(deps.tracking.run(entry.subject.id));
  if (run === undefined) return [];
  const started = runStarted.is(entry);
  const type = started ? 'START' : ENDS[(entry.payload as { status: string }).status];
  if (type === undefined) return [];
  const node = { kind: 'run', id: run.id };
  const inputs = await eventDatasets(writer, await neighbours(deps, node, 'up'));
  const outputs = started ? [] : await eventDatasets(writer, await neighbours(deps, node, 'down'));
  const atMs = started ? run.startedAtMs : (run.endedAtMs ?? entry.atMs);
  const job = { name: await jobNameOf(deps, run), facets: jobFacets(writer, run) };
  return [
    writer.event({ type, atMs, runId: run.id, runFacets: await runFacets(writer, run, type), job, inputs, outputs }),
  ];
}

async function runFacets(writer: EventWriter, run: Run, type: EventType): Promise<Record<string, Facet>> {
  const { deps, facet, namespace } = writer;
  const parent = run.parentRunId === null ? undefined : await known(deps.tracking.run(run.parentRunId));
  const message = type === 'FAIL' ? await errorOf(writer, run) : undefined;
  return {
    ...(parent !== undefined && {
      parent: facet('ParentRunFacet', {
        run: { runId: uuidOf(parent.id) },
        job: { namespace, name: await jobNameOf(deps, parent) },
      }),
    }),
    ...(message !== undefined && {
      errorMessage: facet('ErrorMessageRunFacet', { message, programmingLanguage: 'UNKNOWN' }),
    }),
  };
}

/** Why a step failed, as its pipeline run recorded it; other runs say only that they failed. */
async function errorOf({ deps }: EventWriter, { tags }: Run): Promise<string | undefined> {
  const { 'fairlead.pipelineRun': runId, 'fairlead.step': step } = tags;
  if (runId === undefined) return undefined;
  const steps = (await known(deps.pipelines.run(runId)))?.steps ?? [];
  const failed = steps.find(({ name, state }) => state === 'failed' && (step === undefined || name === step));
  return failed?.error === null || failed?.error === undefined
    ? undefined
    : `${failed.error.code}: ${failed.error.message}`;
}

/** Where the code is only when a client said the address of its repository: a commit alone leads nowhere. */
function jobFacets({ facet }: EventWriter, { tags, environment }: Run): Record<string, Facet> {
  const { 'fairlead.pipeline': pipeline, 'fairlead.step': step, 'mlflow.source.git.repoURL': repoUrl } = tags;
  const jobType = pipeline === undefined ? 'JOB' : step === undefined ? 'PIPELINE' : 'TASK';
  const commit = environment?.git?.commit ?? tags['mlflow.source.git.commit'];
  const branch = environment?.git?.branch ?? tags['mlflow.source.git.branch'];
  const note = tags['mlflow.note.content'];
  return {
    jobType: facet('JobTypeJobFacet', { processingType: 'BATCH', integration: 'FAIRLEAD', jobType }),
    ...(repoUrl !== undefined &&
      URL.canParse(repoUrl) && {
        sourceCodeLocation: facet('SourceCodeLocationJobFacet', {
          type: 'git',
          url: repoUrl,
          repoUrl,
          ...(tags['mlflow.source.name'] !== undefined && { path: tags['mlflow.source.name'] }),
          ...(commit !== undefined && { version: commit }),
          ...(branch !== undefined && branch !== null && { branch }),
        }),
      }),
    ...(note !== undefined && note !== '' && { documentation: facet('DocumentationJobFacet', { description: note }) }),
  };
}
