import { isFairleadError } from '@fairlead/kernel';
import type { LineageNode } from '../../tracking/index.js';
import { externalName } from '../openlineage/openlineage-names.js';
import type { LineageDeps } from './lineage-deps.js';
import type { NodeFacts } from './lineage-types.js';
import { predictionNamed } from './prediction-edges.js';
import { sourceFacts } from './source-facts.js';

type Describe = (deps: LineageDeps, id: string) => Promise<NodeFacts> | NodeFacts;

const AT_A_TIME = 20;
const path = (...parts: (string | number)[]) => `/api/v1/${parts.map((part) => encodeURIComponent(part)).join('/')}`;
const named = (name: string, facts: Partial<NodeFacts> = {}): NodeFacts => ({
  name,
  atMs: null,
  digest: null,
  link: null,
  known: true,
  purgedAtMs: null,
  ...facts,
});
const short = (digest: string) => (/^[0-9a-f]{40,}$/.test(digest) ? digest.slice(0, 12) : digest);
/** Things that have no name but their bytes. Names do not repeat the kind: the two are shown together. */
const ofBytes: Describe = (_deps, id) => named(short(id), { digest: id });

/** What another system calls its thing, and where the events that speak of it as their subject stand. */
function external(_deps: LineageDeps, id: string): NodeFacts {
  const name = externalName(id);
  if (name === undefined) return named(id);
  return named(id, { link: `/api/v1/lineage/events?${new URLSearchParams(name)}` });
}

/** One way to describe each kind; what is not named here is called by its id. */
const KINDS: Readonly<Record<string, Describe>> = {
  'dataset-version': async ({ data }, id) => {
    const { dataset, number, createdAtMs } = await data.versionById(id);
    const link = path('datasets', dataset, 'versions', number);
    return named(`${dataset} ${number}`, { atMs: createdAtMs, digest: id, link });
  },
  split: async ({ data }, id) => {
    const { spec, parts, createdAtMs } = await data.splitById(id);
    const names = parts.map(({ name }) => name).join(', ');
    return named(`by ${spec.by}: ${names}`, { atMs: createdAtMs, link: path('splits', id) });
  },
  dataset: (_deps, id) => {
    const at = id.lastIndexOf('@');
    return at < 1 ? named(id) : named(id.slice(0, at), { digest: id.slice(at + 1) });
  },
  run: async ({ tracking }, id) => {
    const { name, startedAtMs } = await tracking.run(id);
    return named(name, { atMs: startedAtMs, link: path('runs', id) });
  },
  'logged-model': async ({ tracking }, id) => {
    const { name, createdAtMs, lifecycle } = await tracking.loggedModels.loggedModel(id, { deleted: true });
    return named(name, { atMs: createdAtMs, link: lifecycle === 'active' ? path('logged-models', id) : null });
  },
  artifact: (_deps, id) => named(id.slice(id.lastIndexOf('/') + 1), { link: artifactLink(id) }),
  model: ofBytes,
  file: ofBytes,
  report: async ({ evaluation }, id) => {
    const report = await evaluation.report(id).catch(() => null);
    if (report === null) return named(short(id), { digest: id });
    const link = path('evaluation-reports', id);
    return named(`on ${report.part}`, { atMs: report.createdAtMs, digest: id, link });
  },
  'model-version': async ({ catalogue }, id) => {
    const at = id.lastIndexOf('/');
    const found = await catalogue.versionRecord(id.slice(0, at), id.slice(at + 1));
    const { model, version, packaged, createdAtMs } = found;
    return named(`${model} ${version}`, {
      atMs: createdAtMs,
      digest: packaged?.digest ?? null,
      link:
        packaged === null
          ? path('models', model, 'versions', version, 'card')
          : path('models', model, 'versions', version),
    });
  },
  release: async ({ release }, id) => {
    const found = await release.release(id);
    const name = `${found.model} ${found.version} to ${found.endpoint}: ${found.state}`;
    return named(name, { atMs: found.createdAtMs, digest: found.modelDigest, link: path('releases', id) });
  },
  deployment: async ({ serving }, id) => {
    const { model, version, endpoint, environment, digest, createdAtMs } = await serving.deployment(id);
    const name = `${model} ${version} at ${endpoint} in ${environment}`;
    return named(name, { atMs: createdAtMs, digest, link: path('endpoints', endpoint, 'deployments') });
  },
  prediction: async ({ serving }, id) => {
    const of = predictionNamed({ kind: 'prediction', id });
    const [row] = of === undefined ? [] : await serving.captured({ ...of, ids: [of.id] });
    return row === undefined ? named(id, { known: false }) : named(row.id, { atMs: row.atMs });
  },
  'code-change': ofBytes,
  'lock-file': ofBytes,
  'external-run': async ({ openLineage }, id) => {
    const [last] = await openLineage.lastOfRuns([id]);
    const link = `/api/v1/lineage/events?runId=${encodeURIComponent(id)}`;
    if (last === undefined) return named(id, { known: false });
    return named(`${last.namespace} ${last.name}: ${last.eventType ?? 'OTHER'}`, { atMs: last.eventAtMs, link });
  },
  'external-job': external,
  'external-dataset': external,
};

/** A file of a run has an address, one elsewhere in the tree has none of its own. */
function artifactLink(id: string): string | null {
  const found = /(?:^|\/)([0-9a-f]{32})\/artifacts\/(.+)$/.exec(id);
  return found === null ? null : path('runs', found[1] ?? '', 'artifacts', ...(found[2] ?? '').split('/'));
}

/** The facts of the nodes, in their order. A thing that no room knows is called by its id and marked. */
export async function nodeFacts(deps: LineageDeps, nodes: readonly LineageNode[]): Promise<NodeFacts[]> {
  const sources = await sourceFacts(deps.data, nodes);
  const facts: NodeFacts[] = [];
  for (let start = 0; start < nodes.length; start += AT_A_TIME) {
    const some = nodes.slice(start, start + AT_A_TIME);
    facts.push(
      ...(await Promise.all(
        some.map((node) => (node.kind === 'source' ? sources.get(node.id) : undefined) ?? describe(deps, node)),
      )),
    );
  }
  return facts;
}

async function describe(deps: LineageDeps, { kind, id }: LineageNode): Promise<NodeFacts> {
  const describeKind = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (describeKind === undefined) return named(short(id));
  try {
    return await describeKind(deps, id);
  } catch (error) {
    if (!isFairleadError(error) || error.fault !== 'user') throw error;
    const [purged] = await deps.tracking.purged([{ kind, id }]);
    return named(short(id), { known: false, purgedAtMs: purged?.purgedAtMs ?? null });
  }
}
