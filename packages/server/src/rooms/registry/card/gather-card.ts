import { isFairleadError } from '@fairlead/kernel';
import type { Run } from '../../tracking/index.js';
import { recordOf, subjectOf } from '../find-versions.js';
import type { RegistryDeps } from '../registry-deps.js';
import type { StoredVersion } from '../registry-store.js';
import type { CardDataset, CardFacts, LockedEnvironment } from './card-types.js';
import { lockedPackages } from './lock-rules.js';

const MAX_NODES = 500;
const MAX_LOCK_BYTES = 32 * 2 ** 20;
const DATA_KINDS: readonly string[] = ['dataset-version', 'dataset', 'source', 'external-dataset'];

/** Reads what is recorded about a version, of any flavour. What nobody recorded is null or empty, and never a failure. */
export async function gatherCard(deps: RegistryDeps, stored: StoredVersion): Promise<CardFacts> {
  const { db, store, tracking } = deps;
  const record = recordOf(stored);
  const runId = record.packaged?.source.trackingRunId ?? record.runId;
  const run = runId === null ? null : await known(tracking.run(runId));
  const reportDigest = record.packaged?.reportDigest ?? null;
  const graph = await tracking.lineage(subjectOf(record), { direction: 'up', maxNodes: MAX_NODES });
  return {
    record,
    report: reportDigest === null ? null : await known(deps.evaluation.report(reportDigest)),
    run,
    datasets: graph.nodes.filter(({ kind }) => DATA_KINDS.includes(kind)).sort(nearestFirst),
    environment: (await environmentOf(deps, run)) ?? (await requirementsOf(deps, record.filesRoot)),
    texts: await store.cardTexts(db, stored.modelId, record.version),
  };
}

const nearestFirst = (a: CardDataset, b: CardDataset) => a.distance - b.distance || (a.id < b.id ? -1 : 1);

/** The lock file that was captured with the run. */
async function environmentOf({ objects }: RegistryDeps, run: Run | null): Promise<LockedEnvironment | null> {
  const lock = run?.environment?.lockfile ?? null;
  if (lock === null) return null;
  const bytes = (await objects.has(lock.digest)) ? await objects.readBytes(lock.digest) : null;
  return { ...lock, packages: bytes === null ? null : packagesOf(lock.name, bytes) };
}

/** The requirements that a client wrote beside its model. */
async function requirementsOf({ files }: RegistryDeps, filesRoot: string): Promise<LockedEnvironment | null> {
  const name = 'requirements.txt';
  if (!filesRoot.startsWith('artifacts:/')) return null;
  const path = `${filesRoot.slice('artifacts:/'.length).replace(/\/$/, '')}/${name}`;
  const file = await known(files.file(path));
  if (file === null || file === undefined) return null;
  if (file.sizeBytes > MAX_LOCK_BYTES) return { name, digest: file.digest, packages: null };
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await files.openFile(path)).stream) chunks.push(chunk as Uint8Array);
  return { name, digest: file.digest, packages: packagesOf(name, Buffer.concat(chunks)) };
}

function packagesOf(name: string, bytes: Uint8Array): LockedEnvironment['packages'] {
  return bytes.length > MAX_LOCK_BYTES ? null : lockedPackages(name, Buffer.from(bytes).toString('utf8'));
}

/** Null when the room says that there is no such thing. */
async function known<T>(fact: Promise<T>): Promise<T | null> {
  try {
    return await fact;
  } catch (error) {
    if (isFairleadError(error) && error.fault === 'user') return null;
    throw error;
  }
}
