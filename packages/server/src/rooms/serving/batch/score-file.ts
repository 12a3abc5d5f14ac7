import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { throwIfAborted } from '@fairlead/kernel';
import { createInferenceHost, type LoadedModel } from '../../../platform/inference/index.js';
import { createLake, type Lake } from '../../../platform/lake/index.js';
import { type OpenBackend, openBackend } from '../backends/open-backend.js';
import { exampleRows } from '../predict/example-rows.js';
import { compileOutputDecoder } from '../predict/output-decoder.js';
import { compileRowEncoder } from '../predict/row-encoder.js';
import { type AnswerLayout, layOut } from './answer-layout.js';
import { BatchFolder, errorsPathOf, inputFacts } from './batch-folder.js';
import type { BatchPlan, BatchResult, BatchWork } from './batch-types.js';
import { type OpenedInput, openInput } from './open-input.js';
import { createPartWriter } from './part-writer.js';
import { RowWindow, type UnusualCells } from './row-window.js';
import { runRows } from './run-rows.js';

const PART_ROWS = 491_520;
/** Rows of a run. A part is a whole number of them, so that a run has the same rows whenever the batch was interrupted. */
const RUN_ROWS = 8192;
/** Of the engine's buffers: the runtime, the runs under way and Node itself take about as much. */
const ENGINE_BYTES = 256 * 1024 * 1024;

/**
 * Answers every row of a file. Reading, computing and writing go on at once; neither file needs to fit into memory. Ended at any
 * point, the next call with the same plan goes on where this one was; after the end too, until `forgetParts`.
 *
 * @throws SRV_BATCH_INPUT, SRV_BATCH_OUTPUT, SRV_BATCH_BUSY, SRV_BATCH_TOO_MANY_ERRORS, SRV_SIGNATURE_MISMATCH, what loading and
 * running the model throw, or the signal's reason
 */
export async function scoreFile(plan: BatchPlan, work: BatchWork = {}): Promise<BatchResult> {
  const { request, target, partRows = PART_ROWS } = plan;
  const identity = { request, target, input: await inputFacts(request.input), partRows };
  const folder = await BatchFolder.open(request.output, identity);
  try {
    return await scoreInto(folder, plan, work);
  } finally {
    folder.leave();
  }
}

async function scoreInto(folder: BatchFolder, plan: BatchPlan, work: BatchWork): Promise<BatchResult> {
  const { request } = plan;
  const threads = plan.threads ?? availableParallelism();
  const temp = await mkdtemp(join(tmpdir(), 'fairlead-batch-'));
  const lake = await createLake({
    tempFolder: temp,
    allowedFolders: [dirname(request.input), folder.path],
    memoryLimitBytes: ENGINE_BYTES,
    threads,
  });
  const host = createInferenceHost({ workers: threads });
  let backend: OpenBackend | undefined;
  try {
    const input = await openInput({ lake, folder, signal: work.signal }, request, plan.signature);
    backend = await openModel(plan, host);
    const layout = await layoutOf(plan, backend.model);
    return await score({ plan, work, folder, lake, input, model: backend.model, layout });
  } finally {
    await backend?.close();
    await host.close();
    await lake.close();
    await rm(temp, { recursive: true, force: true });
  }
}

function openModel(plan: BatchPlan, host: ReturnType<typeof createInferenceHost>): Promise<OpenBackend> {
  const { target, configuration, signature, backendRules, modelPath, filePaths = {} } = plan;
  const { tensors } = compileRowEncoder(signature).encode(exampleRows(signature));
  const deployment = { endpoint: target.endpoint ?? target.model, digest: target.digest, configuration };
  return openBackend(
    { host, backendRules, objects: { localPath: async (digest) => filePaths[digest] ?? modelPath } },
    { deployment, signature },
    tensors,
  );
}

/** What the example rows are answered with says which columns there will be. */
async function layoutOf({ signature, request }: BatchPlan, model: LoadedModel): Promise<AnswerLayout> {
  compileOutputDecoder(signature, model);
  const examples = exampleRows(signature);
  const { outputs } = await model.run(compileRowEncoder(signature).encode(examples).tensors);
  return layOut(signature, model.outputs, { examples: outputs, rows: examples.length, taken: request.keep ?? [] });
}

interface Scoring {
  readonly plan: BatchPlan;
  readonly work: BatchWork;
  readonly folder: BatchFolder;
  readonly lake: Lake;
  readonly input: OpenedInput;
  readonly model: LoadedModel;
  readonly layout: AnswerLayout;
}

async function score({ plan, work, folder, lake, input, model, layout }: Scoring): Promise<BatchResult> {
  const { request, partRows = PART_ROWS } = plan;
  const { signal } = work;
  const parts = Math.max(1, Math.ceil(input.rows / partRows));
  // Parts are written in order, so those that are there are the first ones.
  let first = 0;
  while (first < parts && folder.done.has(first)) first += 1;
  const resumedRows = Math.min(input.rows, first * partRows);
  const writer = createPartWriter({
    ...{ folder, lake, input, layout, partRows, firstPart: first },
    errorRows: await folder.countErrors(),
    maxErrors: request.maxErrors ?? Number.POSITIVE_INFINITY,
    progress: (rows) => work.progress?.(rows, input.rows),
  });
  const unusual: UnusualCells = new Map();
  const runs = new Set<Promise<void>>();
  // One run computing and one waiting per lane, and a little more, so that reading never makes a lane wait.
  const maxRuns = 2 * model.lanes + 2;
  let failed: unknown = null;
  let rowStart = resumedRows;
  let window = new RowWindow(input.selection.inputs, RUN_ROWS, unusual);

  const submit = async (): Promise<void> => {
    const full = window;
    const start = rowStart;
    rowStart += full.rows;
    window = new RowWindow(input.selection.inputs, RUN_ROWS, unusual);
    const run = runRows(model, full, { outputs: layout.tensors, signal })
      .then((pieces) => writer.put(start, full, pieces))
      .catch((error) => {
        failed ??= error;
      })
      .finally(() => runs.delete(run));
    runs.add(run);
    if (runs.size >= maxRuns) await Promise.race(runs);
    if (failed !== null) throw failed;
    await writer.room();
  };

  try {
    if (first < parts && input.rows > 0) {
      await lake.scan(
        input.scanSql(resumedRows),
        async (batch) => {
          for (let from = 0; from < batch.rowCount; ) {
            throwIfAborted(signal);
            const count = Math.min(window.room, batch.rowCount - from);
            window.fill(batch, from, count);
            from += count;
            if (window.room === 0) await submit();
          }
        },
        { batchRows: 4 * RUN_ROWS, ...(signal && { signal }) },
      );
      if (window.rows > 0) await submit();
    }
  } finally {
    await Promise.all(runs);
    await writer.settle();
  }
  if (failed !== null) throw failed;
  const { errorRows } = await writer.finish(rowStart);
  throwIfAborted(signal);
  const metadata = metadataOf(plan);
  const { digest, sizeBytes, rows } = await folder.publish(parts, { metadata, errorRows });
  return {
    ...{ output: request.output, digest, sizeBytes, rows, errorRows, resumedRows },
    errorsPath: errorRows === 0 ? null : errorsPathOf(request.output),
    columns: [...(request.keep ?? []), ...layout.names],
    unusualCells: Object.fromEntries(unusual),
  };

  function metadataOf({ target: { model: name, version, digest: sha256, endpoint, environment } }: BatchPlan) {
    return {
      'fairlead.model': name,
      'fairlead.modelVersion': String(version),
      'fairlead.modelDigest': sha256,
      ...(endpoint !== null && { 'fairlead.endpoint': endpoint, 'fairlead.environment': environment ?? '' }),
    };
  }
}
