import type { RoutingTableView } from '@fairlead/contracts';
import { isFairleadApiError } from '@fairlead/sdk';
import type { Command } from 'commander';
import { defineCommand, defineGroup, type Session } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseMoment, parseWhole } from '../../parse-values.js';
import { count, formatRatio, formatWhen, shortDigest } from '../../terminal/format.js';
import { GAP, printFacts, printTable } from '../../terminal/print-table.js';
import { configureCommand, declareCommand } from './endpoint-configure-command.js';
import { deployCommand, withdrawCommand } from './endpoint-deploy-command.js';
import { predictCommand } from './endpoint-predict-command.js';
import { environmentFlag } from './environment-flag.js';

const ENDPOINT = { '<endpoint>': 'name of the endpoint' };
const ENVIRONMENT = { '--environment <name>': 'where (default production)' };

/** `fairlead endpoint …` */
export function endpointGroup(io: Io): Command {
  return defineGroup('endpoint', 'Endpoints: what is live, predictions, history, statistics', [
    listCommand(io),
    showCommand(io),
    declareCommand(io),
    configureCommand(io),
    deployCommand(io),
    withdrawCommand(io),
    predictCommand(io),
    historyCommand(io),
    statsCommand(io),
  ]);
}

/** The routing table, or null where nothing is live: that is an answer here and no fault. */
export async function routingOrNull(
  { client }: Pick<Session, 'client'>,
  endpoint: string,
  query: { environment?: string } = {},
): Promise<RoutingTableView | null> {
  try {
    return await client.endpoints.routing(endpoint, query);
  } catch (error) {
    if (isFairleadApiError(error) && error.code === 'SRV_NO_ROUTING') return null;
    throw error;
  }
}

/** `version 3` or `version 3 80 %, version 4 20 %`. */
export function describeRouting(table: RoutingTableView | null): string {
  if (table === null || table.entries.length === 0) return 'nothing';
  const share = (weight: number) => (weight === 1 ? '' : ` ${formatRatio(weight)}`);
  const parts = table.entries.map(({ version, weight }) => `version ${version}${share(weight)}`);
  const shadows = table.shadows.length;
  return [...parts, ...(shadows === 0 ? [] : [count(shadows, 'shadow')])].join(', ');
}

function listCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'list',
    summary: 'List the endpoints and what is live',
    examples: ['fairlead endpoint list'],
    run: async (session) => {
      const { items } = await session.client.endpoints.list();
      const rows = await Promise.all(
        items.map(async (endpoint) => ({ ...endpoint, routing: await routingOrNull(session, endpoint.name) })),
      );
      session.show({ items: rows }, () =>
        rows.length === 0
          ? 'no endpoint is declared\nnext: fairlead apply'
          : printTable(
              ['endpoint', 'model', 'live', 'since', 'description'],
              rows.map(({ name, model, routing, description }) => [
                name,
                model,
                describeRouting(routing),
                formatWhen(routing?.setAtMs ?? null, io.nowMs()),
                description,
              ]),
            ),
      );
    },
  });
}

function showCommand(io: Io): Command {
  return defineCommand<{ environment?: string }>(io, {
    name: 'show',
    summary: 'Show an endpoint: what is live, its deployments, its release policy',
    arguments: ENDPOINT,
    options: ENVIRONMENT,
    examples: ['fairlead endpoint show rain', 'fairlead endpoint show rain --environment test'],
    run: async (session, { environment = 'production' }, name = '') => {
      const { endpoints, releases } = session.client;
      const endpoint = await endpoints.get(name);
      const routing = await routingOrNull(session, name, { environment });
      const { items: deployments } = await endpoints.deployments(name, { environment });
      const policy = await releases.policy(name).catch((error: unknown) => {
        if (isFairleadApiError(error) && error.status === 404) return null;
        throw error;
      });
      session.show({ endpoint, environment, routing, deployments, policy }, () => [
        printFacts({
          endpoint: name,
          model: endpoint.model,
          description: endpoint.description,
          environment,
          configuration: Object.keys(endpoint.configuration).length > 0 ? JSON.stringify(endpoint.configuration) : null,
          live: describeRouting(routing),
          since: routing && `${formatWhen(routing.setAtMs, io.nowMs())} by ${routing.setBy}: ${routing.reason}`,
          gates: policy?.gates.map(({ kind }) => kind).join(', '),
          signatures: policy?.approval.required.map(({ role, count }) => `${count} ${role}`).join(', '),
        }),
        GAP,
        printTable(
          ['deployment', 'version>', 'digest', 'state', 'made', 'error'],
          deployments.map((one) => [
            one.id,
            String(one.version),
            shortDigest(one.digest),
            one.state,
            formatWhen(one.createdAtMs, io.nowMs()),
            one.error ?? '',
          ]),
        ),
        routing === null
          ? `next: fairlead release request ${name}${environmentFlag(environment)} --reason "first release"`
          : `next: fairlead endpoint predict ${name} --example${environmentFlag(environment)}`,
      ]);
    },
  });
}

export function historyCommand(io: Io): Command {
  return defineCommand<{ environment?: string; limit?: string; at?: string }>(io, {
    name: 'history',
    summary: 'Show what served which share when, why and by whom',
    arguments: ENDPOINT,
    options: {
      ...ENVIRONMENT,
      '--limit <n>': 'changes to show (default 20; with --at 1)',
      '--at <time>': 'what was in force at this moment, for example 2026-03-01T12:00Z',
    },
    examples: ['fairlead endpoint history rain', 'fairlead endpoint history rain --at 2026-03-01T12:00Z'],
    run: async (session, { environment = 'production', at, limit = at === undefined ? '20' : '1' }, name = '') => {
      const { items } = await session.client.endpoints.history(name, {
        environment,
        limit: parseWhole(limit, '--limit'),
        ...(at !== undefined && { atMs: parseMoment(at, '--at') }),
      });
      session.show({ items }, () =>
        printTable(
          ['revision>', 'served by', 'when', 'by', 'reason'],
          items.map((table) => [
            String(table.revision),
            describeRouting(table),
            formatWhen(table.setAtMs, io.nowMs()),
            table.setBy,
            table.reason,
          ]),
        ),
      );
    },
  });
}

function statsCommand(io: Io): Command {
  return defineCommand<{ environment?: string }>(io, {
    name: 'stats',
    summary: 'Show requests, errors and latencies per deployment since the server started',
    arguments: ENDPOINT,
    options: ENVIRONMENT,
    examples: ['fairlead endpoint stats rain'],
    run: async (session, { environment = 'production' }, name = '') => {
      const { items } = await session.client.endpoints.statistics(name, { environment });
      const ms = (value: number) => `${value.toFixed(1)} ms`;
      session.show({ items }, () =>
        printTable(
          ['version>', 'requests>', 'rows>', 'errors>', 'rejected>', 'p50>', 'p95>', 'p99>'],
          items.map(({ version, requests, rows, errors, rejectedInputs, latencyMs }) => [
            String(version),
            String(requests),
            String(rows),
            String(errors),
            String(rejectedInputs),
            ms(latencyMs.p50),
            ms(latencyMs.p95),
            ms(latencyMs.p99),
          ]),
        ),
      );
    },
  });
}
