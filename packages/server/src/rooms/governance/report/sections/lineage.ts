import { type Html, type HtmlValue, html } from '../../../../platform/http/index.js';
import type { LineageEdge, LineageNode } from '../../../tracking/index.js';
import { formatBytes } from '../format-values.js';
import { missing, section, table } from '../page-parts.js';
import type { ReportFacts } from '../report-facts.js';
import { lineageChart } from '../svg-lineage.js';

/** The chain from the bytes of the source to what serves, drawn and with every digest in full. */
export function lineageSection(facts: ReportFacts): Html {
  const { lineage } = facts;
  const root = { kind: 'model-version', id: `${facts.version.model}/${facts.version.version}` };
  const deployed = facts.deployments.map(({ id }): LineageEdge => {
    return { from: root, to: { kind: 'deployment', id }, relation: 'deployed-as' };
  });
  const nodes = unique([...(lineage?.nodes ?? [root]), ...deployed.map((edge) => edge.to)]);
  const edges = [...(lineage?.edges ?? []), ...deployed];
  const picture =
    edges.length === 0
      ? missing('No lineage was recorded for this version.')
      : lineageChart({ root, nodes, edges, nameOf: (node) => nameOf(facts, node) });
  return section(
    'lineage',
    'Lineage',
    html`${picture}${lineage?.truncated === true && missing('The graph is larger than what is shown.')}${table('The chain of digests', ['What', 'Which', 'Digest or id'], chain(facts))}`,
  );
}

function unique(nodes: readonly LineageNode[]): LineageNode[] {
  return [...new Map(nodes.map((node) => [`${node.kind}\n${node.id}`, node])).values()];
}

function nameOf({ datasetVersion, run, deployments, split }: ReportFacts, { kind, id }: LineageNode): string | null {
  if (kind === 'dataset-version' && id === datasetVersion?.id)
    return `${datasetVersion.dataset} v${datasetVersion.number}`;
  if (kind === 'run' && id === run?.id) return run.name;
  if (kind === 'split' && id === split?.id) return `by ${split.spec.by}`;
  if (kind === 'model-version') return id;
  const deployment = deployments.find((candidate) => candidate.id === id);
  return kind === 'deployment' && deployment !== undefined ? `${deployment.environment}` : null;
}

function chain(facts: ReportFacts): HtmlValue[][] {
  const { version, deliveries, datasetVersion, split, run, releases, deployments } = facts;
  const full = (value: string | null | undefined): HtmlValue =>
    value === null || value === undefined
      ? html`<span class="missing">not recorded</span>`
      : html`<code class="full">${value}</code>`;
  return [
    ...deliveries.map((delivery) => ['Source', delivery.source, full(delivery.sourceDigest)]),
    [
      'Dataset version',
      datasetVersion === null ? '–' : `${datasetVersion.dataset} ${datasetVersion.number}`,
      full(version.source.datasetVersionId),
    ],
    ...(split?.parts ?? []).map((part) => ['Split part', `${part.name}, row ids`, full(part.rowIdDigest)]),
    [
      'Code',
      run?.environment?.git?.dirty === true ? 'git commit, with uncommitted changes' : 'git commit',
      full(run?.environment?.git?.commit),
    ],
    ['Environment', run?.environment?.lockfile?.name ?? 'lock file', full(run?.environment?.lockfile?.digest)],
    ['Run', run?.name ?? '–', full(version.source.trackingRunId)],
    ...version.files.map((file) => ['Model file', `${file.path}, ${formatBytes(file.sizeBytes)}`, full(file.digest)]),
    ['Evaluation report', facts.evaluation?.part ?? '–', full(version.reportDigest)],
    ['Training profile', version.source.trainPart ?? '–', full(version.profileDigest)],
    ...releases.flatMap((release) => [
      ['Gate report', release.endpoint, full(release.gateReportDigest)],
      ['Release policy', release.endpoint, full(release.policyDigest)],
    ]),
    ...deployments.map((deployment) => [
      'Deployment',
      `${deployment.endpoint} in ${deployment.environment} (${deployment.state})`,
      full(deployment.digest),
    ]),
  ];
}
