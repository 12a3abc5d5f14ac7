import type { Stage, Standing } from './catalogue-types.js';

export const STAGES: readonly Stage[] = ['None', 'Staging', 'Production', 'Archived'];

/** The stages that only one version usually has, and from which others can be archived. */
export const ACTIVE_STAGES: readonly Stage[] = ['Staging', 'Production'];

export interface VersionLife {
  readonly version: number;
  readonly createdAtMs: number;
  readonly deletedAtMs: number | null;
}

/** Numbers of the versions that stood at the alias or stage at that moment, by what happened until then. */
export function standingAt(
  name: string,
  atMs: number,
  { history, versions }: { history: readonly Standing[]; versions: readonly VersionLife[] },
): number[] {
  const alive = versions.filter(
    ({ createdAtMs, deletedAtMs }) => createdAtMs <= atMs && (deletedAtMs === null || deletedAtMs > atMs),
  );
  const until = history.filter((standing) => standing.atMs <= atMs);
  const stage = STAGES.find((known) => known === name);
  const standing =
    stage === undefined
      ? [until.findLast((change) => change.what === 'alias' && change.name === name)?.version]
      : alive.filter(({ version }) => stageAt(version, until) === stage).map(({ version }) => version);
  return standing.filter((version) => version != null && alive.some((one) => one.version === version)) as number[];
}

function stageAt(version: number, until: readonly Standing[]): string {
  return until.findLast((change) => change.what === 'stage' && change.version === version)?.name ?? 'None';
}
