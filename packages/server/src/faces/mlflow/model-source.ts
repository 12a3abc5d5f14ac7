import { storeArtifactRoot } from './artifact-root.js';
import type { MlflowRooms } from './mlflow-rooms.js';

const LOGGED_MODEL = /^m-[0-9a-f]{32}$/;

/** A version's source as the registry keeps it; `runs:/` is followed to the run's files. What is none of ours stays as it is. */
export async function storeSource(shown: string, { tracking }: Pick<MlflowRooms, 'tracking'>): Promise<string> {
  const [, scheme = '', rest = ''] = /^(models|runs|mlflow-artifacts):\/+(.*)$/s.exec(shown) ?? [];
  if (scheme === 'models') {
    if (LOGGED_MODEL.test(rest)) return `logged-model:${rest}`;
    const at = rest.lastIndexOf('@');
    return at > 0 && !rest.includes('/') ? `model:${rest.slice(0, at)}/${rest.slice(at + 1)}` : `model:${rest}`;
  }
  if (scheme === 'runs') {
    const [runId = '', ...path] = rest.split('/');
    const { artifactRoot } = await tracking.run(runId);
    return path.length === 0 ? artifactRoot : `${artifactRoot}/${path.join('/')}`;
  }
  // An address may name the host that keeps the files: us.
  const withHost = /^mlflow-artifacts:\/\/[^/]+\/(.*)$/s.exec(shown);
  return withHost === null ? storeArtifactRoot(shown) : `artifacts:/${withHost[1]}`;
}

/** A version's source or folder as MLflow's clients know it. */
export function showSource(stored: string): string {
  if (stored.startsWith('artifacts:/')) return `mlflow-${stored}`;
  if (stored.startsWith('logged-model:')) return `models:/${stored.slice('logged-model:'.length)}`;
  return stored.startsWith('model:') ? `models:/${stored.slice('model:'.length)}` : stored;
}
