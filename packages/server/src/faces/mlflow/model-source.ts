import { storeArtifactRoot } from './artifact-root.js';
import type { MlflowRooms } from './mlflow-rooms.js';
import { PROMPT_TAG } from './search/registry-vocabularies.js';

const LOGGED_MODEL = /^m-[0-9a-f]{32}$/;

/** What MLflow's clients send as the source of a prompt: its text stands in tags of the version. */
const PROMPT_SOURCES = ['prompt-template', 'dummy-source'];

/** The source of a version with these tags as the registry keeps it. */
export async function storeSourceOf(
  { source, tags }: { readonly source: string; readonly tags: Readonly<Record<string, string>> },
  rooms: Pick<MlflowRooms, 'tracking'>,
): Promise<string> {
  const isPrompt = tags[PROMPT_TAG] === 'true' && PROMPT_SOURCES.includes(source);
  return isPrompt ? `inline:${source}` : storeSource(source, rooms);
}

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
  if (stored.startsWith('inline:')) return stored.slice('inline:'.length);
  if (stored.startsWith('logged-model:')) return `models:/${stored.slice('logged-model:'.length)}`;
  return stored.startsWith('model:') ? `models:/${stored.slice('model:'.length)}` : stored;
}
