import { Readable } from 'node:stream';
import { systemClock } from '@fairlead/kernel';
import type { Db } from '../../platform/db/index.js';
import { createJobQueue } from '../../platform/jobs/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import { type LineageEdge, trackingErrors } from '../tracking/index.js';
import type { FileOwners, ModelFiles, RegistryDeps } from './registry-deps.js';
import type { ModelVersion } from './registry-types.js';

/** A model version for tests; pass what matters to the test. */
export function aVersion(change: Partial<ModelVersion> = {}): ModelVersion {
  return {
    model: 'rain',
    version: 1,
    digest: 'd'.repeat(64),
    files: [{ path: 'model.onnx', digest: change.digest ?? 'd'.repeat(64), sizeBytes: 10 }],
    signature: {
      task: 'classification',
      inputs: [{ name: 'wind', type: 'number', nullable: true }],
      target: 'rain_ahead',
      labels: ['false', 'true'],
      contextColumns: ['date'],
    },
    parity: { rows: 1000, maxAbsDifference: 1e-7, labelsEqual: true, tolerance: 1e-4, verdict: 'pass' },
    source: {
      pipelineRunId: 'p1',
      trackingRunId: 't1',
      splitId: 's1',
      datasetVersionId: 'v1',
      trainPart: 'train',
      trainer: 'logistic-regression',
      params: { C: 1 },
    },
    reportDigest: 'e'.repeat(64),
    profileDigest: 'f'.repeat(64),
    tags: {},
    createdAtMs: 5,
    createdBy: 'ann',
    ...change,
  };
}

/** A queue of its own that is not started, no files, nobody who owns any, and nothing that uses a model. */
export function noOutsideWorld(
  db: Db,
): Pick<RegistryDeps, 'db' | 'jobs' | 'files' | 'owners' | 'usesOf' | 'sourceRoots' | 'fairleadVersion'> {
  const jobs = createJobQueue(db, { clock: systemClock, ownerId: 'registry-test', exclusive: true, pollMs: 10 });
  const nobody = (id: string) => Promise.reject(trackingErrors.TRK_RUN_NOT_FOUND(`There is no run ${id}.`));
  const owners: FileOwners = { run: nobody, loggedModel: nobody };
  const files = filesIn(new Map()).files;
  return { db, jobs, files, owners, usesOf: async () => [], sourceRoots: [], fairleadVersion: '0.0.0' };
}

/** A lineage that is only a list of edges, of no runs. */
export function edgesInto(edges: LineageEdge[]): RegistryDeps['tracking'] {
  return {
    link: async (_tx, more) => void edges.push(...more),
    run: (id) => Promise.reject(trackingErrors.TRK_RUN_NOT_FOUND(`There is no run ${id}.`)),
    lineage: async (root) => ({ root, nodes: [{ ...root, distance: 0 }], edges: [], truncated: false, cutOff: [] }),
  };
}

/** A tree of files in memory, whose bytes are in the object store when there is one. */
export function filesIn(content: Map<string, string | Uint8Array>, objects?: ObjectStore) {
  const bytesOf = (path: string) => Buffer.from(content.get(path) ?? '');
  const files: ModelFiles = {
    file: async (path) => {
      if (!content.has(path)) return undefined;
      const bytes = bytesOf(path);
      const { digest } = (await objects?.putBytes(bytes)) ?? { digest: '0'.repeat(64) };
      return { digest, sizeBytes: bytes.byteLength };
    },
    openFile: async (path) => ({ stream: Readable.from([bytesOf(path)]) }),
    filesBelow: async (folder) => {
      const paths = [...content.keys()].filter((path) => path.startsWith(`${folder}/`));
      const found = paths.map(async (path) => {
        const { digest } = (await objects?.putBytes(bytesOf(path))) ?? { digest: '0'.repeat(64) };
        return { path, digest, sizeBytes: bytesOf(path).byteLength };
      });
      return Promise.all(found);
    },
    linkFile: async (_context, path) => void content.set(path, ''),
  };
  return { files, content };
}
