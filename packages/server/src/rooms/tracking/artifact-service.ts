import type { Db } from '../../platform/db/index.js';
import { treePathOf } from './artifact-path-rules.js';
import type { FileTree, TreeFile } from './file-types.js';
import { judgePath } from './files/judge-path.js';
import { missingRun } from './run-service.js';
import { trackingErrors } from './tracking-errors.js';
import type { RunStore } from './tracking-store.js';
import type { RunArtifact, TrackingService } from './tracking-types.js';

export interface ArtifactDeps {
  readonly db: Db;
  readonly store: Pick<RunStore, 'head'>;
  readonly files: FileTree;
}

type Artifacts = Pick<
  TrackingService,
  'putArtifact' | 'linkArtifact' | 'artifacts' | 'openArtifact' | 'artifactPath' | 'removeArtifacts'
>;

/** The files of one run: its part of the tree, with paths from the run's root on. */
export function createArtifactService(deps: ArtifactDeps): Artifacts {
  const { files } = deps;
  return {
    putArtifact: async (context, runId, { path, bytes }) => {
      const at = await locate(deps, runId, path);
      return relative(at.root, await files.putFile(context, at.path, bytes));
    },
    linkArtifact: async (context, runId, { path, digest }) => {
      const at = await locate(deps, runId, path);
      return relative(at.root, await files.linkFile(context, at.path, digest));
    },
    artifacts: async (runId) => {
      const root = await rootOf(deps, runId);
      return (await files.filesBelow(root)).map((file) => relative(root, file));
    },
    openArtifact: async (runId, path, range) => {
      const at = await locate(deps, runId, path);
      if ((await files.file(at.path)) === undefined) throw absent(runId, path);
      const { file, stream } = await files.openFile(at.path, range);
      return { artifact: relative(at.root, file), stream };
    },
    artifactPath: async (runId, path) => (path === '' ? rootOf(deps, runId) : (await locate(deps, runId, path)).path),
    removeArtifacts: async (context, runId, path) => {
      const at = await locate(deps, runId, path);
      if (!(await files.removeFiles(context, at.path))) throw absent(runId, path);
    },
  };
}

async function rootOf({ db, store }: ArtifactDeps, runId: string): Promise<string> {
  const run = (await store.head(db, runId)) ?? missingRun(runId);
  const root = treePathOf(run.artifactRoot);
  if (root !== undefined) return root;
  throw trackingErrors.TRK_ARTIFACTS_ELSEWHERE(`The files of run ${runId} are not kept here.`, { data: { runId } });
}

/** Judged on its own first: what is legal below another folder need not be legal below the folder of a download. */
async function locate(deps: ArtifactDeps, runId: string, path: string): Promise<{ root: string; path: string }> {
  const judged = judgePath(path);
  const root = await rootOf(deps, runId);
  return { root, path: `${root}/${judged}` };
}

function relative(root: string, { path, digest, sizeBytes }: TreeFile): RunArtifact {
  return { path: path.slice(root.length + 1), digest, sizeBytes };
}

function absent(runId: string, path: string) {
  return trackingErrors.TRK_ARTIFACT_NOT_FOUND(`Run ${runId} has no artifact "${path}".`, { data: { runId, path } });
}
