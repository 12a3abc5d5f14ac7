import { canonicalJson, isFairleadError, newId } from '@fairlead/kernel';
import type { ChangeContext, Reader, Tx } from '../../platform/db/index.js';
import { type AcquiredSource, acquireSource } from './acquire-source.js';
import { effectiveContract } from './contract-rules.js';
import type { DataDeps } from './data-deps.js';
import { dataErrors } from './data-errors.js';
import { deliveryRefused, deliveryUnchanged, versionCreated } from './data-events.js';
import type {
  ColumnSpec,
  Dataset,
  DatasetVersion,
  Delivery,
  IngestRequest,
  IngestResult,
  SourceFormat,
  VersionFile,
  WorkOptions,
} from './data-types.js';
import { contractDigest, fingerprint, sourceDigest, specDigest } from './digests.js';
import { getDataset, getVersionById } from './find-data.js';
import { type JudgedSource, judgeSource } from './judge-source.js';
import { manifestOf } from './version-manifest.js';

interface Arrival {
  readonly id: string;
  readonly dataset: Dataset;
  readonly request: IngestRequest;
  readonly mode: 'append' | 'replace';
  /** The version this delivery is appended to. */
  readonly parent: DatasetVersion | null;
  readonly source: AcquiredSource;
  readonly sourceDigest: string;
}

/**
 * Takes one delivery: bytes into the object store, rows judged in one scan, then version, delivery and events in one
 * transaction. A process killed before that transaction leaves objects that nothing refers to, and nothing else.
 */
export async function ingestDelivery(
  deps: DataDeps,
  context: ChangeContext,
  work: { request: IngestRequest; options?: WorkOptions | undefined },
): Promise<IngestResult> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ingestOnce(deps, context, work);
    } catch (error) {
      // Another delivery came first: this one is judged again, against what is latest now.
      if (!isFairleadError(error) || error.code !== 'DATA_CONFLICT' || tries === MAX_TRIES) throw error;
    }
  }
}

const MAX_TRIES = 3;

async function ingestOnce(
  deps: DataDeps,
  context: ChangeContext,
  { request, options = {} }: { request: IngestRequest; options?: WorkOptions | undefined },
): Promise<IngestResult> {
  const dataset = await getDataset(deps, request.dataset);
  const repeated = await recorded(deps, request.deliveryId);
  if (repeated !== undefined) return repeated;
  options.progress?.(0, 'fetching');
  const source = await acquireSource(deps, sourcePlace(dataset, request), {
    ...options,
    progress: (ratio, message) => options.progress?.(ratio * 0.3, message),
  });
  const mode = request.mode ?? 'replace';
  const parentId = mode === 'append' ? dataset.latestVersionId : null;
  const arrival: Arrival = {
    id: request.deliveryId ?? newId(deps.clock.nowMs()),
    dataset,
    request,
    mode,
    parent: parentId === null ? null : await getVersionById(deps, parentId),
    source,
    sourceDigest: sourceDigest(source.files),
  };
  const known = await findKnown(deps, arrival);
  if (known !== undefined) return recordUnchanged(deps, context, { arrival, known });
  const columns = dataset.spec.source.columns ?? dataset.inferredColumns;
  const judged = await judgeSource(
    deps,
    { source, spec: dataset.spec, columns, where: request.source?.where, parent: parentOf(arrival) },
    options,
  );
  const result = await record(deps, context, { arrival, judged });
  options.progress?.(1, result.delivery.outcome);
  return result;
}

/** Where a request takes its rows from, and in which format. */
export function sourcePlace(dataset: Dataset, { source }: IngestRequest): { path: string; format?: SourceFormat } {
  const declared = dataset.spec.source;
  const format = source?.format ?? (source?.path === undefined ? declared.format : undefined);
  return { path: source?.path ?? declared.path, ...(format === undefined ? {} : { format }) };
}

async function recorded(deps: DataDeps, deliveryId: string | undefined): Promise<IngestResult | undefined> {
  const delivery = deliveryId === undefined ? undefined : await deps.store.delivery(deps.db, deliveryId);
  if (delivery === undefined) return undefined;
  return { delivery, version: delivery.versionId === null ? null : await getVersionById(deps, delivery.versionId) };
}

function parentOf({ parent }: Arrival) {
  return parent === null ? null : { digests: parent.files.map((file) => file.digest), columns: parent.columns };
}

/** The contract as it stands before the data was seen; null while its columns are not known. */
function knownContract({ dataset, request }: Arrival): string | null {
  const columns: Readonly<Record<string, ColumnSpec>> | null = dataset.spec.source.columns ?? dataset.inferredColumns;
  return columns === null ? null : contractDigest(effectiveContract(dataset.spec, columns, request.source?.where));
}

/**
 * The accepted delivery that brought the same bytes under the same contract. Replacing: whenever that was. Appending:
 * when the latest version holds its rows already.
 */
async function findKnown(deps: DataDeps, arrival: Arrival): Promise<Delivery | undefined> {
  const contract = knownContract(arrival);
  if (contract === null) return undefined;
  const { dataset, mode, parent } = arrival;
  const prints = (mode === 'replace' ? ['replace' as const] : (['append', 'replace'] as const)).map((one) =>
    fingerprint(arrival.sourceDigest, contract, one),
  );
  const accepted = await deps.store.accepted(deps.db, dataset.name, prints);
  if (mode === 'replace') return accepted.find((one) => one.versionId !== null);
  const held = new Set(parent?.files.map((file) => file.deliveryId));
  return accepted.find((one) => held.has(one.id));
}

function facts({ id, dataset, request, source, sourceDigest: digest }: Arrival, nowMs: number) {
  return {
    id,
    dataset: dataset.name,
    source: request.source?.path ?? dataset.spec.source.path,
    sourceDigest: digest,
    sourceFiles: source.files.map(({ name, digest: of, sizeBytes }) => ({ name, digest: of, sizeBytes })),
    receivedAtMs: nowMs,
  };
}

async function recordUnchanged(
  deps: DataDeps,
  context: ChangeContext,
  { arrival, known }: { arrival: Arrival; known: Delivery },
): Promise<IngestResult> {
  const { store, db, clock } = deps;
  const versionId = arrival.parent?.id ?? (known.versionId as string);
  const version = await getVersionById(deps, versionId);
  const delivery: Delivery = {
    ...known,
    ...facts(arrival, clock.nowMs()),
    outcome: 'unchanged',
    versionId,
  };
  const print = fingerprint(arrival.sourceDigest, knownContract(arrival) ?? '', arrival.mode);
  await db.transact(context, async (tx) => {
    await moveLatest(deps, tx, { arrival, latest: versionId });
    await store.insertDelivery(tx, { delivery, fingerprint: print });
    const payload = { dataset: delivery.dataset, deliveryId: delivery.id, versionId };
    tx.record(deliveryUnchanged.of({ kind: 'dataset', id: delivery.dataset }, payload));
  });
  return { delivery, version };
}

async function record(
  deps: DataDeps,
  context: ChangeContext,
  { arrival, judged }: { arrival: Arrival; judged: JudgedSource },
): Promise<IngestResult> {
  const { store, db, clock } = deps;
  const nowMs = clock.nowMs();
  const contract = contractDigest(judged.contract);
  const draft = judged.file === null ? null : draftVersion(arrival, judged, { contract, nowMs });
  const versionId = draft === null ? null : await storeManifest(deps, draft);
  const delivery = deliveryOf(arrival, judged, { versionId, nowMs });
  return db.transact(context, async (tx) => {
    const print = fingerprint(arrival.sourceDigest, contract, arrival.mode);
    if (draft === null || versionId === null) {
      await store.insertDelivery(tx, { delivery, fingerprint: print });
      const { id: deliveryId, dataset, receivedRows, rejectedRows, faultyRows } = delivery;
      const failedChecks = [...judged.failedChecks];
      const payload = { dataset, deliveryId, receivedRows, rejectedRows, faultyRows, failedChecks };
      tx.record(
        deliveryRefused.of({ kind: 'dataset', id: dataset }, payload, { after: { reasons: delivery.reasons } }),
      );
      return { delivery, version: null };
    }
    await moveLatest(deps, tx, { arrival, latest: versionId });
    await saveInferred(deps, tx, { arrival, judged, nowMs });
    const version = await insertVersion(deps, tx, { draft: { ...draft, id: versionId }, delivery });
    await store.insertDelivery(tx, { delivery, fingerprint: print });
    return { delivery, version };
  });
}

function deliveryOf(
  arrival: Arrival,
  judged: JudgedSource,
  { versionId, nowMs }: { versionId: string | null; nowMs: number },
): Delivery {
  return {
    ...facts(arrival, nowMs),
    outcome: judged.outcome,
    receivedRows: judged.receivedRows,
    acceptedRows: judged.file?.rows ?? 0,
    rejectedRows: judged.rejectedRows,
    faultyRows: judged.faultyRows,
    skippedRows: judged.skippedRows,
    ignoredColumns: judged.ignoredColumns,
    reasons: judged.reasons,
    checks: judged.checks,
    quarantineDigest: judged.quarantineDigest,
    versionId,
  };
}

type Draft = Omit<DatasetVersion, 'id' | 'number'>;

function draftVersion(
  arrival: Arrival,
  judged: JudgedSource,
  { contract, nowMs }: { contract: string; nowMs: number },
): Draft {
  const { parent, dataset } = arrival;
  const file: VersionFile = { ...(judged.file as VersionFile), deliveryId: arrival.id };
  const files = [...(parent?.files ?? []), file];
  return {
    dataset: dataset.name,
    rows: files.reduce((sum, one) => sum + one.rows, 0),
    files,
    columns: judged.columns,
    contractDigest: contract,
    label: judged.contract.label,
    time: judged.contract.time,
    entity: judged.contract.entity,
    parentId: parent?.id ?? null,
    createdAtMs: nowMs,
  };
}

/** Stores what a version is as an object, so that its digest is the version's id. */
async function storeManifest({ objects }: DataDeps, draft: Draft): Promise<string> {
  return (await objects.putBytes(Buffer.from(canonicalJson(manifestOf(draft))))).digest;
}

/** Two deliveries may have made the same version at the same time; the second finds the first's. */
async function insertVersion(
  { store }: DataDeps,
  tx: Tx & Reader,
  { draft, delivery }: { draft: Draft & { id: string }; delivery: Delivery },
): Promise<DatasetVersion> {
  const existing = await store.version(tx, draft.id);
  if (existing !== undefined) return existing;
  const version: DatasetVersion = { ...draft, number: await store.nextNumber(tx, draft.dataset) };
  await store.insertVersion(tx, version);
  const { id: versionId, number, rows, parentId, dataset, contractDigest: contract } = version;
  const delivered = { deliveryId: delivery.id, sourceDigest: delivery.sourceDigest };
  tx.record(
    versionCreated.of(
      { kind: 'dataset-version', id: versionId },
      { dataset, versionId, number, rows, parentId, ...delivered },
      {
        before: parentId === null ? null : { versionId: parentId },
        after: { versionId, rows, contractDigest: contract },
      },
    ),
  );
  return version;
}

async function saveInferred(
  { store }: DataDeps,
  tx: Tx & Reader,
  { arrival, judged, nowMs }: { arrival: Arrival; judged: JudgedSource; nowMs: number },
): Promise<void> {
  const now = await store.dataset(tx, arrival.dataset.name);
  if (now === undefined || now.spec.source.columns !== undefined || now.inferredColumns !== null) return;
  const inferredColumns = judged.contract.columns;
  const digest = specDigest(now.spec, inferredColumns);
  await store.saveDataset(tx, { ...now, inferredColumns, contractDigest: digest, updatedAtMs: nowMs });
}

async function moveLatest(
  { store }: DataDeps,
  tx: Tx & Reader,
  { arrival, latest }: { arrival: Arrival; latest: string },
): Promise<void> {
  const { name } = arrival.dataset;
  const now = await store.dataset(tx, name);
  // Only an append builds on what was latest when it was judged.
  const expected = arrival.mode === 'append' ? (arrival.parent?.id ?? null) : (now?.latestVersionId ?? null);
  if (await store.moveLatest(tx, name, { expected, latest })) return;
  throw dataErrors.DATA_CONFLICT(`Dataset ${name} got another version while this delivery was judged.`, {
    data: { dataset: name, expected },
  });
}
