import type { LineageEdge, LineageNode } from './lineage-types.js';
import type { RunEnvironment } from './tracking-types.js';

/** What is known of how a run came to be: recorded by this server, or said by its client in tags. */
export interface RunOrigin {
  readonly runId: string;
  readonly environment: RunEnvironment | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** Tags by which clients of the MLflow protocol say what code and which container ran. */
export const ORIGIN_TAGS = {
  commit: 'mlflow.source.git.commit',
  imageId: 'mlflow.docker.image.id',
  imageUri: 'mlflow.docker.image.uri',
} as const;

export const ORIGIN_KINDS: readonly string[] = ['code', 'code-change', 'lock-file', 'environment'];

/** Code, changes, lock file and machine or container that a run came from, as edges of the graph. */
export function originEdges({ runId, environment, tags }: RunOrigin): LineageEdge[] {
  const to = { kind: 'run', id: runId };
  const git = environment?.git ?? null;
  const commit = git?.commit ?? tags[ORIGIN_TAGS.commit];
  const edges: (LineageEdge | undefined)[] = [
    edge('code', commit, to, git?.dirty === true ? 'ran-changed-code' : 'ran-code'),
    edge('code-change', git?.diffDigest ?? undefined, to, 'ran-change'),
    edge('lock-file', environment?.lockfile?.digest, to, 'installed-from'),
    edge('environment', environment === null ? undefined : machineOf(environment), to, 'ran-on'),
    edge('environment', containerOf(tags), to, 'ran-in'),
  ];
  return edges.filter((found) => found !== undefined);
}

function edge(kind: string, id: string | undefined, to: LineageNode, relation: string): LineageEdge | undefined {
  return id === undefined || id === '' ? undefined : { from: { kind, id }, to, relation };
}

/** The machine in words: equal words mean an equal environment. */
function machineOf({ runtime, fairleadVersion }: RunEnvironment): string {
  const { node, os, cpu, cores } = runtime;
  return [`node ${node}`, os, `${cores} × ${cpu}`, `fairlead ${fairleadVersion}`].join(', ');
}

function containerOf(tags: RunOrigin['tags']): string | undefined {
  const image = tags[ORIGIN_TAGS.imageId] ?? tags[ORIGIN_TAGS.imageUri];
  return image === undefined || image === '' ? undefined : `container ${image}`;
}
