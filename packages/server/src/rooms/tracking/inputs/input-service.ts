import type { ChangeContext, Db, Reader, Tx } from '../../../platform/db/index.js';
import type { InputService, RunInput } from '../input-types.js';
import type { LineageEdge } from '../lineage-types.js';
import { trackingErrors } from '../tracking-errors.js';
import { inputsLogged, outputsLogged } from '../tracking-events.js';
import { INPUT_LIMITS, inputProblem, mergeInputs } from './input-rules.js';
import type { InputStore } from './input-store.js';

/** The run of an id, of which only this much counts here. */
export interface LinkedRun {
  readonly id: string;
  readonly experimentId: string;
}

export interface InputDeps {
  readonly db: Db;
  readonly store: InputStore;
  /** Throws TRK_RUN_NOT_FOUND, TRK_RUN_DELETED. */
  readonly activeRun: (reader: Reader, runId: string) => Promise<LinkedRun>;
  /** Throws TRK_MODEL_NOT_FOUND for the first that is not there. */
  readonly requireModels: (reader: Reader, modelIds: readonly string[]) => Promise<void>;
  readonly link: (tx: Tx & Reader, edges: readonly LineageEdge[]) => Promise<void>;
}

// MLflow's own answer has this limit too.
const MAX_SUMMARIES = 1000;

/** What runs read and made, by their own word. */
export function createInputService(deps: InputDeps): InputService {
  const { db, store } = deps;
  return {
    logInputs: (context, runId, inputs) => logInputs(deps, context, { runId, inputs }),
    logOutputs: (context, runId, models) => logOutputs(deps, context, { runId, models }),
    linksOf: async (runIds) => (runIds.length === 0 ? new Map() : store.linksOf(db.longReads, [...new Set(runIds)])),
    datasetsOf: async (experimentIds) =>
      experimentIds.length === 0 ? [] : store.datasetsOf(db.longReads, experimentIds, MAX_SUMMARIES),
  };
}

async function logInputs(
  deps: InputDeps,
  context: ChangeContext,
  { runId, inputs }: { runId: string; inputs: Parameters<InputService['logInputs']>[2] },
): Promise<void> {
  const { db, store, link } = deps;
  refuseMany((inputs.datasets?.length ?? 0) + (inputs.modelIds?.length ?? 0), INPUT_LIMITS.perCall);
  const tags = (inputs.datasets ?? []).reduce((sum, input) => sum + Object.keys(input.tags).length, 0);
  refuseMany(tags, INPUT_LIMITS.tagsPerCall);
  for (const input of inputs.datasets ?? []) refuseInput(input);
  const datasets = mergeInputs(inputs.datasets ?? []);
  const modelIds = [...new Set(inputs.modelIds ?? [])];
  await db.transact(context, async (tx) => {
    const run = await deps.activeRun(tx, runId);
    await deps.requireModels(tx, modelIds);
    const numbers = await store.ensureDatasets(
      tx,
      run.experimentId,
      datasets.map(({ dataset }) => dataset),
    );
    const added = await store.addInputs(tx, runId, numbers);
    await store.upsertTags(tx, runId, tagRows(datasets, numbers));
    const models = modelIds.map((modelId) => ({ modelId, step: null }));
    const freshModels = [...(await store.upsertModels(tx, runId, { direction: 'input', models }))];
    const fresh = datasets.filter((_, index) => added.has(numbers[index] as number)).map(({ dataset }) => dataset);
    if (fresh.length + freshModels.length === 0) return;
    const to = { kind: 'run', id: runId };
    const ids = fresh.map(({ name, digest }) => `${name}@${digest}`);
    await link(tx, [
      ...ids.map((id) => ({ from: { kind: 'dataset', id }, to, relation: 'input-of' })),
      ...freshModels.map((id) => ({ from: { kind: 'logged-model', id }, to, relation: 'input-of' })),
    ]);
    tx.record(inputsLogged.of(to, { runId, datasets: ids, modelIds: freshModels }));
  });
}

async function logOutputs(
  deps: InputDeps,
  context: ChangeContext,
  { runId, models }: { runId: string; models: readonly { modelId: string; step: number }[] },
): Promise<void> {
  refuseMany(models.length, INPUT_LIMITS.perCall);
  // Of one model named twice the later step counts.
  const last = [...new Map(models.map((model) => [model.modelId, model])).values()];
  for (const { step } of last) {
    if (!Number.isSafeInteger(step)) refuseValue(`step ${step} is not an integer below 2^53`);
  }
  await deps.db.transact(context, async (tx) => {
    await deps.activeRun(tx, runId);
    await deps.requireModels(
      tx,
      last.map(({ modelId }) => modelId),
    );
    const fresh = [...(await deps.store.upsertModels(tx, runId, { direction: 'output', models: last }))];
    if (fresh.length === 0) return;
    const from = { kind: 'run', id: runId };
    await deps.link(
      tx,
      fresh.map((id) => ({ from, to: { kind: 'logged-model', id }, relation: 'output-of' })),
    );
    tx.record(outputsLogged.of(from, { runId, modelIds: fresh }));
  });
}

function tagRows(inputs: readonly RunInput[], numbers: readonly number[]) {
  return inputs.flatMap(({ tags }, index) =>
    Object.entries(tags).map(([key, value]) => ({ datasetNo: numbers[index] as number, key, value })),
  );
}

function refuseMany(count: number, limit: number): void {
  if (count <= limit) return;
  throw trackingErrors.TRK_BATCH_TOO_LARGE(`${count} inputs, outputs or tags at once, at most ${limit} are allowed.`, {
    data: { observed: count },
  });
}

function refuseInput(input: RunInput): void {
  const problem = inputProblem(input);
  if (problem !== null) refuseValue(problem);
}

function refuseValue(problem: string): never {
  throw trackingErrors.TRK_VALUE_INVALID(`The input or output is not allowed: ${problem}.`, { data: { problem } });
}
