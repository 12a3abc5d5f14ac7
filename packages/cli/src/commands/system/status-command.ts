import type { AlertView, PipelineRunView, ReleaseView, RoutingTableView } from '@fairlead/contracts';
import type { Command } from 'commander';
import { defineCommand, type Session } from '../../define-command.js';
import type { Io } from '../../io.js';
import { formatWhen } from '../../terminal/format.js';
import { GAP, printTable } from '../../terminal/print-table.js';
import { alertTable } from '../monitoring/alert-commands.js';
import { paintState } from '../pipelines/present-run.js';
import { nextSteps, paintReleaseState } from '../release/present-release.js';
import { describeRouting, routingOrNull } from '../serving/endpoint-commands.js';

interface Status {
  readonly url: string;
  readonly version: string;
  readonly endpoints: readonly {
    readonly name: string;
    readonly model: string;
    readonly routing: RoutingTableView | null;
  }[];
  readonly running: readonly PipelineRunView[];
  readonly lastRuns: readonly PipelineRunView[];
  readonly openAlerts: readonly AlertView[];
  readonly waitingReleases: readonly ReleaseView[];
}

const UNFINISHED: readonly ReleaseView['state'][] = ['testing', 'awaiting-approval', 'approved', 'rolling-out'];

export function statusCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'status',
    summary: 'Show what runs, what is live, open alerts and releases that wait',
    examples: ['fairlead status', 'fairlead status --json'],
    run: async (session) => {
      const status = await session.busy('asking the server', () => readStatus(session));
      session.show(status, () => presentStatus(status, session));
    },
  });
}

async function readStatus(session: Session): Promise<Status> {
  const { system, endpoints, pipelineRuns, alerts, releases, url } = session.client;
  const [{ version }, { items: declared }, { items: runs }, { items: openAlerts }, { items: recent }] =
    await Promise.all([
      system.version(),
      endpoints.list(),
      pipelineRuns.list({ limit: 20 }),
      alerts.list({ state: 'open' }),
      releases.list({ limit: 100 }),
    ]);
  return {
    url,
    version,
    endpoints: await Promise.all(
      declared.map(async ({ name, model }) => ({ name, model, routing: await routingOrNull(session, name) })),
    ),
    running: runs.filter(({ endedAtMs }) => endedAtMs === null),
    lastRuns: runs.filter(({ endedAtMs }) => endedAtMs !== null).slice(0, 5),
    openAlerts,
    waitingReleases: recent.filter(({ state }) => UNFINISHED.includes(state)),
  };
}

function presentStatus(status: Status, { style, io }: Session): string[] {
  const { endpoints, running, lastRuns, openAlerts, waitingReleases } = status;
  const nowMs = io.nowMs();
  const title = (text: string) => [GAP, style.bold(text)];
  const runs = [...running, ...lastRuns];
  const [waiting] = waitingReleases;
  return [
    `fairlead ${status.version} at ${status.url}`,
    ...(endpoints.length === 0
      ? []
      : [
          ...title('live in production'),
          printTable(
            ['endpoint', 'model', 'served by', 'since'],
            endpoints.map(({ name, model, routing }) => [
              name,
              model,
              describeRouting(routing),
              formatWhen(routing?.setAtMs ?? null, nowMs),
            ]),
          ),
        ]),
    ...(runs.length === 0
      ? []
      : [
          ...title('pipeline runs'),
          printTable(
            ['run', 'pipeline', 'state', 'started'],
            runs.map(({ id, pipeline, state, createdAtMs }) => [
              id,
              pipeline,
              paintState(state, style),
              formatWhen(createdAtMs, nowMs),
            ]),
          ),
        ]),
    ...(waitingReleases.length === 0
      ? []
      : [
          ...title('releases that wait'),
          printTable(
            ['release', 'endpoint', 'version>', 'state', 'waiting for'],
            waitingReleases.map(({ id, endpoint, version, state, waitingFor }) => [
              id,
              endpoint,
              String(version),
              paintReleaseState(state, style),
              waitingFor ?? '',
            ]),
          ),
        ]),
    ...(openAlerts.length === 0 ? [] : [...title('open alerts'), alertTable(openAlerts, nowMs)]),
    ...nextOf({ alert: openAlerts[0], waiting, endpoints: endpoints.length }),
  ];
}

interface Next {
  readonly alert: AlertView | undefined;
  readonly waiting: ReleaseView | undefined;
  readonly endpoints: number;
}

function nextOf({ alert, waiting, endpoints }: Next): string[] {
  if (alert !== undefined) return [`next: fairlead alert show ${alert.id}`];
  if (waiting !== undefined) return nextSteps(waiting);
  return endpoints === 0 ? ['nothing is declared yet', 'next: fairlead apply'] : [];
}
