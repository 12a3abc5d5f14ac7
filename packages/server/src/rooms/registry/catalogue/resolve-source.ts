import { isFairleadError } from '@fairlead/kernel';
import { findVersion } from '../find-versions.js';
import type { RegistryDeps } from '../registry-deps.js';
import { registryErrors } from '../registry-errors.js';
import type { StoredVersion } from '../registry-store.js';
import type { NewVersionRecord } from './catalogue-types.js';
import { judgeSource } from './source-rules.js';
import { textProblem } from './tag-rules.js';

/** Where the files of a new version are, and what it inherits from there. */
export interface Place {
  readonly source: string;
  readonly filesRoot: string;
  readonly runId: string | null;
  readonly loggedModelId: string | null;
  /** The version that it is a copy of. */
  readonly copied: StoredVersion | null;
}

type Request = Pick<NewVersionRecord, 'source' | 'runId' | 'loggedModelId'>;

/** @throws REG_SOURCE_REFUSED; of copies REG_MODEL_NOT_FOUND, REG_VERSION_NOT_FOUND; what tracking throws for a logged model that is not there */
export async function resolveSource(deps: RegistryDeps, request: Request): Promise<Place> {
  const { source: text, runId = null, loggedModelId = null } = request;
  const tooLong = textProblem('source', text);
  if (tooLong !== null) throw refused(text, tooLong);
  const judged = judgeSource(text, deps.sourceRoots);
  if ('problem' in judged) throw refused(text, judged.problem);
  const given = { source: text, runId, loggedModelId, copied: null };
  const { source } = judged;
  switch (source.kind) {
    case 'external':
      return { ...given, filesRoot: source.address };
    case 'inline':
      return { ...given, filesRoot: '' };
    case 'artifacts': {
      await requireOwner(deps, source.path, text);
      const root = `artifacts:/${source.path}`;
      return { ...given, source: root, filesRoot: root, runId: runId ?? (await runOf(deps, loggedModelId)) };
    }
    case 'logged-model': {
      const { artifactRoot, sourceRunId } = await deps.owners.loggedModel(source.id);
      return { ...given, filesRoot: artifactRoot, loggedModelId: source.id, runId: runId ?? sourceRunId };
    }
    case 'copy': {
      const copied = await findVersion(deps.store, deps.db, source.model, source.ref);
      return {
        source: `model:${copied.model}/${copied.version}`,
        filesRoot: copied.filesRoot,
        runId: runId ?? copied.runId,
        loggedModelId: loggedModelId ?? copied.loggedModelId,
        copied,
      };
    }
  }
}

async function runOf({ owners }: RegistryDeps, loggedModelId: string | null): Promise<string | null> {
  return loggedModelId === null ? null : (await owners.loggedModel(loggedModelId)).sourceRunId;
}

/** A path is a version's source only inside a folder that a run or a logged model owns: `…/OWNER/artifacts/…`. */
async function requireOwner({ owners }: RegistryDeps, path: string, text: string): Promise<void> {
  const parts = path.split('/');
  for (const [at, id] of parts.entries()) {
    if (parts[at + 1] !== 'artifacts') continue;
    const owner = await (id.startsWith('m-') ? owners.loggedModel(id) : owners.run(id)).catch((error: unknown) => {
      if (isFairleadError(error) && error.fault === 'user') return undefined;
      throw error;
    });
    const root = owner?.artifactRoot;
    if (root !== undefined && `artifacts:/${path}/`.startsWith(`${root}/`)) return;
  }
  throw refused(text, 'no run and no logged model has its files there');
}

function refused(source: string, problem: string) {
  return registryErrors.REG_SOURCE_REFUSED(`'${source.slice(0, 200)}' cannot be the source of a version: ${problem}.`, {
    data: { source: source.slice(0, 500), problem },
  });
}
