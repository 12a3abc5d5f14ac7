import type { ChangeContext } from '../../platform/db/index.js';
import type { ObjectRef, ObjectStore } from '../../platform/objects/index.js';
import { artifactPathProblem, foldersAbove } from './artifact-path-rules.js';
import { trackingErrors } from './tracking-errors.js';
import { artifactPut } from './tracking-events.js';
import { lockRun, missingRun, type TrackingDeps } from './tracking-service.js';
import type { ArtifactStore } from './tracking-store.js';
import type { RunArtifact, TrackingService } from './tracking-types.js';

export interface ArtifactDeps extends TrackingDeps {
  readonly objects: ObjectStore;
  readonly artifacts: ArtifactStore;
}

type Artifacts = Pick<TrackingService, 'putArtifact' | 'linkArtifact' | 'artifacts' | 'openArtifact'>;

/** Files of runs: a path in the run, bytes in the object store. Putting a path again replaces what it points to. */
export function createArtifactService(deps: ArtifactDeps): Artifacts {
  const { db, objects, artifacts, store } = deps;
  return {
    putArtifact: async (context, runId, { path, bytes }) => {
      // Before the upload: a mistake must not cost a transfer of gigabytes.
      parsePath(path);
      if ((await store.run(db, runId)) === undefined) missingRun(runId);
      const ref = bytes instanceof Uint8Array ? await objects.putBytes(bytes) : await objects.putStream(bytes);
      return attach(deps, context, { runId, path, ref });
    },
    linkArtifact: async (context, runId, { path, digest }) => {
      parsePath(path);
      return attach(deps, context, { runId, path, ref: { digest, sizeBytes: await objects.sizeOf(digest) } });
    },
    artifacts: async (runId) => {
      const found = await artifacts.list(db, runId);
      if (found.length === 0 && (await store.run(db, runId)) === undefined) missingRun(runId);
      return found;
    },
    openArtifact: async (runId, path) => {
      const artifact = await artifacts.find(db, runId, parsePath(path));
      if (artifact === undefined) {
        if ((await store.run(db, runId)) === undefined) missingRun(runId);
        throw trackingErrors.TRK_ARTIFACT_NOT_FOUND(`Run ${runId} has no artifact "${path}".`, {
          data: { runId, path },
        });
      }
      return { artifact, stream: await objects.readStream(artifact.digest) };
    },
  };
}

function parsePath(path: string): string {
  const problem = artifactPathProblem(path);
  if (problem === null) return path;
  const shown = path.slice(0, 80);
  throw trackingErrors.TRK_ARTIFACT_PATH_INVALID(`${JSON.stringify(shown)} cannot be a path: ${problem}.`, {
    data: { path: shown, problem },
  });
}

async function attach(
  { db, clock, store, artifacts }: ArtifactDeps,
  context: ChangeContext,
  { runId, path, ref }: { runId: string; path: string; ref: ObjectRef },
): Promise<RunArtifact> {
  const artifact: RunArtifact = { path, digest: ref.digest, sizeBytes: ref.sizeBytes };
  return db.transact(context, async (tx) => {
    await lockRun(store, tx, runId);
    const others = await artifacts.list(tx, runId);
    const before = others.find((other) => other.path === path);
    if (before?.digest === artifact.digest) return before;
    const folders = foldersAbove(path);
    const clash = others.find((other) => folders.includes(other.path) || other.path.startsWith(`${path}/`));
    if (clash !== undefined) {
      throw trackingErrors.TRK_ARTIFACT_PATH_TAKEN(`"${path}" does not fit beside "${clash.path}".`, {
        data: { path, other: clash.path },
      });
    }
    await artifacts.upsert(tx, runId, { ...artifact, createdAtMs: clock.nowMs() });
    const change = { ...(before === undefined ? {} : { before }), after: artifact };
    tx.record(artifactPut.of({ kind: 'run', id: runId }, { runId, ...artifact }, change));
    return artifact;
  });
}
