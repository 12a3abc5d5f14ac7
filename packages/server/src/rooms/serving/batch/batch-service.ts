import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { newId } from '@fairlead/kernel';
import { runInProcess, workerEntry } from '../../../platform/compute/index.js';
import type { ChangeContext, Db, Reader, Tx } from '../../../platform/db/index.js';
import type { JobQueue, JobView, JsonValue } from '../../../platform/jobs/index.js';
import { type ObjectStore, readFileSet } from '../../../platform/objects/index.js';
import type { RegistryService } from '../../registry/index.js';
import type { TrackingService } from '../../tracking/index.js';
import type { BackendRules } from '../backends/configuration-types.js';
import { servingErrors } from '../serving-errors.js';
import { batchScored } from '../serving-events.js';
import type { ServingStore } from '../serving-store.js';
import type { DeploymentAuthority } from '../serving-types.js';
import { begunTarget, forgetParts } from './batch-folder.js';
import type { BatchPlan, BatchRequest, BatchResult, BatchTarget, BatchWork } from './batch-types.js';
import type { BatchNews } from './batch-worker.js';
import { formatOf } from './open-input.js';
import { scoreFile } from './score-file.js';
import { parseModelRef, stableEntry } from './target-rules.js';

/** The kind of the durable jobs that score files. */
const BATCH_JOB = 'serving.batch';

export interface Batch {
  readonly request: BatchRequest;
  readonly target: BatchTarget;
  readonly job: JobView;
}

export interface BatchService {
  /**
   * Scores in this process and waits for the end. An interrupted batch is gone on with by the same request.
   *
   * @throws SRV_BATCH_INVALID, SRV_NOT_ROUTED, SRV_NOT_APPROVED, REG_VERSION_NOT_FOUND and what `scoreFile` throws
   */
  score(
    context: ChangeContext,
    request: BatchRequest,
    work?: BatchWork,
  ): Promise<{ readonly target: BatchTarget; readonly result: BatchResult }>;
  /** Queues a batch; the version that answers is decided now. Throws what `score` throws before it reads a row. */
  start(context: ChangeContext, request: BatchRequest): Promise<Batch>;
  /** @throws SRV_BATCH_NOT_FOUND */
  batch(id: string): Promise<Batch>;
  /** Newest first, at most 100. */
  batches(): Promise<Batch[]>;
  /** What was answered stays for the next batch with this request. @throws SRV_BATCH_NOT_FOUND */
  cancel(context: ChangeContext, id: string): Promise<Batch>;
}

export interface BatchDeps {
  readonly db: Db;
  readonly jobs: JobQueue;
  readonly objects: Pick<ObjectStore, 'localPath'>;
  readonly store: ServingStore;
  readonly registry: Pick<RegistryService, 'version'>;
  readonly tracking: Pick<TrackingService, 'link'>;
  readonly authority: Pick<DeploymentAuthority, 'mayServe'>;
  readonly backendRules: BackendRules;
  /** The folders that files may be read from and written to, and the home, which is none of them. */
  readonly roots: readonly string[];
  readonly home: string;
}

interface Payload {
  readonly request: BatchRequest;
  readonly target: BatchTarget;
  readonly actor: ChangeContext['actor'];
  readonly requestId: string | null;
}

export function createBatchService(deps: BatchDeps): BatchService {
  const { db, jobs } = deps;
  const find = async (id: string): Promise<JobView> => {
    const job = await jobs.get(id);
    if (job?.kind === BATCH_JOB) return job;
    throw servingErrors.SRV_BATCH_NOT_FOUND(`There is no batch ${id}.`, { data: { id } });
  };
  jobs.handle(BATCH_JOB, (job) => scoreInProcess(deps, job), { concurrency: 1 });
  return {
    score: async (context, asked, work = {}) => {
      const request = await settle(deps, asked);
      const target = (await begunTarget(request)) ?? (await choose(deps, request));
      const result = await scoreFile(await planOf(deps, request, target), work);
      await db.transact(context, (tx) => record(deps, tx, { id: newId(), request, target, result }));
      await forgetParts(request.output);
      return { target, result };
    },
    start: async (context, asked) => {
      const request = await settle(deps, asked);
      const target = (await begunTarget(request)) ?? (await choose(deps, request));
      await planOf(deps, request, target);
      const payload: Payload = { request, target, actor: context.actor, requestId: context.requestId ?? null };
      const id = await db.transact(context, (tx) =>
        jobs.enqueue(tx, {
          kind: BATCH_JOB,
          payload: payload as unknown as JsonValue,
          dedupeKey: request.output,
          limitKey: BATCH_JOB,
        }),
      );
      const batch = batchOf(await find(id));
      // The queue gives back the job that writes this output already.
      if (JSON.stringify(batch.request) === JSON.stringify(request)) return batch;
      throw servingErrors.SRV_BATCH_BUSY(`Batch ${id} is writing ${request.output}.`, { data: { id } });
    },
    batch: async (id) => batchOf(await find(id)),
    batches: async () => (await jobs.list({ kind: BATCH_JOB })).map(batchOf),
    cancel: async (context, id) => {
      await find(id);
      await db.transact(context, (tx) => jobs.cancel(tx, id));
      return batchOf(await find(id));
    },
  };
}

function batchOf(job: JobView): Batch {
  const { request, target } = job.payload as unknown as Payload;
  return { request, target, job };
}

/** In a process of its own, so that neither its memory nor its end is the server's. */
async function scoreInProcess(deps: BatchDeps, job: Parameters<Parameters<JobQueue['handle']>[1]>[0]) {
  const { request, target } = job.payload as unknown as Payload;
  const plan = await planOf(deps, request, target);
  const result = await runInProcess<BatchResult, BatchNews>({
    entry: workerEntry(import.meta.url, 'batch-worker.js'),
    input: plan,
    signal: job.signal,
    onNews: ({ rows, ofRows }) => job.progress(ofRows === 0 ? 1 : rows / ofRows, `${rows} of ${ofRows} rows`),
  });
  return {
    result: result as unknown as JsonValue,
    commit: async (tx: Tx & Reader) => {
      await record(deps, tx, { id: job.id, request, target, result });
      await forgetParts(request.output);
    },
  };
}

async function record(
  { tracking }: BatchDeps,
  tx: Tx & Reader,
  { id, request, target, result }: { id: string; request: BatchRequest; target: BatchTarget; result: BatchResult },
): Promise<void> {
  const { model, version, digest, endpoint } = target;
  const { rows, errorRows, digest: outputDigest } = result;
  const { input, output } = request;
  tx.record(
    batchScored.of(
      { kind: 'batch', id },
      { model, version, digest, endpoint, input, output, outputDigest, rows, errorRows },
    ),
  );
  // A file is known by its digest: taken in as data one day, its rows lead back to the model.
  await tracking.link(tx, [
    {
      from: { kind: 'model-version', id: `${model}/${version}` },
      to: { kind: 'source', id: outputDigest },
      relation: 'scored',
    },
  ]);
}

/** The request with real paths that may be used. @throws SRV_BATCH_INVALID, SRV_BATCH_INPUT, SRV_BATCH_OUTPUT */
async function settle({ roots, home }: BatchDeps, request: BatchRequest): Promise<BatchRequest> {
  if ((request.endpoint === undefined) === (request.model === undefined)) {
    throw servingErrors.SRV_BATCH_INVALID('A batch is answered by an endpoint or by a model: name one of the two.');
  }
  const realRoots = await Promise.all(roots.map((root) => realpath(root).catch(() => root)));
  const realHome = await realpath(home).catch(() => home);
  const allowed = (path: string) => realRoots.some((root) => isInside(path, root)) && !isInside(path, realHome);
  const refuse = (path: string) => `${path} lies outside the folders that this server may use`;
  const input = await realpath(placeOf(request.input, roots)).catch(() => null);
  if (input === null || !allowed(input)) {
    const why = input === null ? `there is no ${request.input}` : refuse(request.input);
    throw servingErrors.SRV_BATCH_INPUT(`${why}.`, { data: { path: request.input } });
  }
  if (request.format === undefined && formatOf(input) === undefined) {
    throw servingErrors.SRV_BATCH_INPUT(
      `The name of ${request.input} does not say its format: name it, parquet, csv or jsonl.`,
    );
  }
  const place = placeOf(request.output, roots);
  const folder = await realpath(dirname(place)).catch(() => null);
  const output = folder === null ? null : join(folder, basename(place));
  const named = /^[^.].*\.parquet$/i.test(basename(place));
  if (output === null || !allowed(output) || !named || output === input) {
    const why =
      output === null
        ? `there is no folder ${dirname(place)}`
        : !named
          ? `${basename(place)} is no name of a Parquet file`
          : output === input
            ? 'input and output are the same file'
            : refuse(request.output);
    throw servingErrors.SRV_BATCH_OUTPUT(`${why}.`, { data: { path: request.output } });
  }
  const doubled = request.keep?.find((name, i) => request.keep?.indexOf(name) !== i);
  if (doubled !== undefined) throw servingErrors.SRV_BATCH_INVALID(`Column ${doubled} is to be kept twice.`);
  return { ...request, input, output };
}

const placeOf = (path: string, roots: readonly string[]) => (isAbsolute(path) ? path : resolve(roots[0] ?? '.', path));

const isInside = (path: string, root: string) =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);

/** Who answers from now on: the version that was named, or the stable one of the endpoint. */
async function choose({ db, store, registry }: BatchDeps, request: BatchRequest): Promise<BatchTarget> {
  if (request.model !== undefined) {
    const { name, ref } = parseModelRef(request.model);
    const { model, version, digest } = await registry.version(name, ref);
    return { model, version, digest, endpoint: null, environment: null, deploymentId: null };
  }
  const { endpoint = '', environment = 'production' } = request;
  const place = { endpoint, environment };
  if ((await store.readEndpoint(db, endpoint)) === undefined) {
    throw servingErrors.SRV_ENDPOINT_NOT_FOUND(`There is no endpoint ${endpoint}.`, { data: { endpoint } });
  }
  const table = await store.readRouting(db, endpoint, environment);
  const entry = table === null ? undefined : stableEntry(table.entries);
  const stored = entry === undefined ? undefined : await store.readDeployment(db, entry.deploymentId);
  if (stored === undefined) {
    throw servingErrors.SRV_NOT_ROUTED(`Endpoint ${endpoint} has no live version in ${environment}.`, { data: place });
  }
  const { id, model, version, digest } = stored.deployment;
  return { model, version, digest, endpoint, environment, deploymentId: id };
}

/** Null: the model is one file. */
async function filePathsOf(objects: BatchDeps['objects'], digest: string): Promise<Record<string, string> | null> {
  const files = await readFileSet(objects, digest);
  if (files === null) return null;
  const paths: Record<string, string> = {};
  for (const one of Object.values(files)) paths[one] = await objects.localPath(one);
  return paths;
}

/** @throws SRV_NOT_APPROVED, SRV_BACKEND_NEEDED, SRV_DEPLOYMENT_NOT_FOUND, REG_VERSION_NOT_FOUND, OBJ_NOT_FOUND */
async function planOf(deps: BatchDeps, request: BatchRequest, target: BatchTarget): Promise<BatchPlan> {
  const { db, store, registry, objects, authority, backendRules } = deps;
  const { deploymentId, endpoint, environment, digest, model, version } = target;
  const modelPath = await objects.localPath(digest);
  const filePaths = await filePathsOf(objects, digest);
  const common = { request, target, modelPath, backendRules, ...(filePaths !== null && { filePaths }) };
  if (deploymentId === null || endpoint === null || environment === null) {
    const { signature } = await registry.version(model, version);
    if (filePaths === null) return { ...common, signature, configuration: {} };
    throw servingErrors.SRV_BACKEND_NEEDED(
      `Version ${version} of ${model} is a folder of files that only a program can load: score through an endpoint.`,
      { data: { model, version } },
    );
  }
  const stored = await store.readDeployment(db, deploymentId);
  if (stored === undefined) {
    throw servingErrors.SRV_DEPLOYMENT_NOT_FOUND(`There is no deployment ${deploymentId}.`, { data: { deploymentId } });
  }
  const { configurationDigest } = stored.deployment;
  if (!(await authority.mayServe({ endpoint, environment, digest, configurationDigest }))) {
    throw servingErrors.SRV_NOT_APPROVED(
      `Version ${version} of ${model} is not approved for ${environment} any more.`,
      {
        data: { endpoint, environment, digest },
      },
    );
  }
  return { ...common, signature: stored.signature, configuration: stored.deployment.configuration };
}
