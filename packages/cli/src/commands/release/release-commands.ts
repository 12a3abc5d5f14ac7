import type { ReleaseView } from '@fairlead/contracts';
import { ROLES } from '@fairlead/kernel';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand, defineGroup, type Session } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice, parseWhole } from '../../parse-values.js';
import { formatWhen } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';
import { historyCommand } from '../serving/endpoint-commands.js';
import { planReleaseCommand, versionOf } from './plan-command.js';
import { policyCommand } from './policy-command.js';
import { nextSteps, paintReleaseState, showRelease as show } from './present-release.js';
import { waitCommand } from './release-wait-command.js';
import { rollbackCommand } from './rollback-command.js';
import { ARM_OPTIONS, type ArmOptions, rolloutCommands, startRollout } from './rollout-commands.js';
import { waiveCommand } from './waive-command.js';

const RELEASE = { '<release>': 'id of the release' };
const EXAMPLE_ID = '0193a1b2c3d4e5f60718293a4b5c6d7e';

/** `fairlead release …` */
export function releaseGroup(io: Io): Command {
  return defineGroup('release', 'Releases: gates, signatures, rollout', [
    planReleaseCommand(io),
    policyCommand(io),
    requestCommand(io),
    startCommand(io),
    listCommand(io),
    showCommand(io),
    statusCommand(io),
    signCommand(io),
    waiveCommand(io),
    ...rolloutCommands(io),
    waitCommand(io),
    rollbackCommand(io),
    historyCommand(io),
  ]);
}

interface RequestOptions {
  readonly environment?: string;
  readonly version?: string;
  readonly reason?: string;
  readonly beside?: boolean;
  readonly wait?: boolean;
}

function requestCommand(io: Io): Command {
  return defineCommand<RequestOptions>(io, {
    name: 'request',
    summary: 'Ask for a release: deploys the version to test and runs the gates',
    arguments: { '<endpoint>': 'name of the endpoint' },
    options: {
      '--version <n>': 'version of the endpoint’s model (default: the latest)',
      '--environment <name>': 'where to (default production)',
      '--reason <text>': 'why, for those who sign',
      '--beside': 'other versions that were asked for stay as they are, to be arms of one bandit',
      '--no-wait': 'do not wait for the gates',
    },
    examples: ['fairlead release request rain --version 3 --reason "two more years of data"'],
    run: async (session, { version, environment, reason, beside, wait }, endpoint = '') => {
      await requestRelease(session, endpoint, { version, environment, reason, beside, wait });
    },
  });
}

type Asked = { readonly [K in keyof RequestOptions]: RequestOptions[K] | undefined };

async function requestRelease(
  session: Session,
  endpoint: string,
  { version, environment, reason, beside, wait }: Asked,
) {
  if (reason === undefined) throw cliErrors.CLI_USAGE('A release needs a --reason.');
  const { releases } = session.client;
  const number = await versionOf(session, endpoint, version);
  const release = await session.busy(`the gates of version ${number} in test`, async () => {
    const requested = await releases.request({
      ...{ endpoint, version: number, reason },
      ...(environment !== undefined && { environment }),
      ...(beside !== undefined && { beside }),
    });
    return wait === false ? requested : releases.wait(requested.id, ['awaiting-approval', 'approved']);
  });
  if (['gates-failed', 'failed'].includes(release.state)) session.fail();
  show(session, release);
}

/** Ids are made by the server; endpoints are not named so by people. */
const isReleaseId = (text: string) => /^[0-9a-f]{32}$/.test(text);

function startCommand(io: Io): Command {
  return defineCommand<RequestOptions & ArmOptions>(io, {
    name: 'start',
    summary: 'Ask for a release to an endpoint, or begin the rollout of an approved one',
    arguments: { '<what>': 'name of an endpoint, or id of an approved release' },
    options: {
      '--version <n>': 'version of the endpoint’s model (default: the latest)',
      '--environment <name>': 'where to (default production)',
      '--reason <text>': 'why, for those who sign',
      '--beside': 'other versions that were asked for stay as they are, to be arms of one bandit',
      '--no-wait': 'do not wait for the gates',
      ...ARM_OPTIONS,
    },
    examples: ['fairlead release start rain --version 3 --reason "more data"', `fairlead release start ${EXAMPLE_ID}`],
    run: async (session, { arm, arms, ...asked }, what = '') => {
      if (isReleaseId(what))
        return startRollout(session, what, { ...(arm && { arm }), ...(arms === false && { arms }) });
      if (arm !== undefined || arms === false) {
        throw cliErrors.CLI_USAGE(
          'Arms are named when an approved release starts: `fairlead release start ID --arm 2`.',
        );
      }
      const { version, environment, reason, beside, wait } = asked;
      await requestRelease(session, what, { version, environment, reason, beside, wait });
    },
  });
}

function statusCommand(io: Io): Command {
  return defineCommand<{ environment?: string }>(io, {
    name: 'status',
    summary: 'Show a release, or the newest one of an endpoint',
    arguments: { '<what>': 'id of a release, or name of an endpoint' },
    options: { '--environment <name>': 'where (default production)' },
    examples: ['fairlead release status rain'],
    run: async (session, { environment = 'production' }, what = '') => {
      const { releases } = session.client;
      if (isReleaseId(what)) return show(session, await releases.get(what));
      const [newest] = (await releases.list({ endpoint: what, environment, limit: 1 })).items;
      if (newest !== undefined) return show(session, newest);
      await session.client.endpoints.get(what);
      session.show({ items: [] }, () => [`nobody asked for a release of ${what} to ${environment}`]);
    },
  });
}

interface ListOptions {
  readonly environment?: string;
  readonly endpoint?: string;
  readonly state?: string;
  readonly limit?: string;
}

function listCommand(io: Io): Command {
  return defineCommand<ListOptions>(io, {
    name: 'list',
    summary: 'List releases, newest first',
    options: {
      '--endpoint <name>': 'only of this endpoint',
      '--environment <name>': 'only to this environment',
      '--state <state>': 'only in this state, for example awaiting-approval',
      '--limit <n>': 'releases to show (default 20)',
    },
    examples: ['fairlead release list --state awaiting-approval'],
    run: async (session, { endpoint, environment, state, limit = '20' }) => {
      const { items } = await session.client.releases.list({
        ...(endpoint !== undefined && { endpoint }),
        ...(environment !== undefined && { environment }),
        ...(state !== undefined && { state: state as ReleaseView['state'] }),
        limit: parseWhole(limit, '--limit'),
      });
      session.show({ items }, () =>
        printTable(
          ['release', 'endpoint', 'environment', 'version>', 'state', 'waiting for', 'requested'],
          items.map((release) => [
            release.id,
            release.endpoint,
            release.environment,
            String(release.version),
            paintReleaseState(release.state, session.style),
            release.waitingFor ?? '',
            `${formatWhen(release.createdAtMs, io.nowMs())} by ${release.requestedBy}`,
          ]),
        ),
      );
    },
  });
}

function showCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'show',
    summary: 'Show a release with its gates, signatures and rollout',
    arguments: RELEASE,
    examples: [`fairlead release show ${EXAMPLE_ID}`],
    run: async (session, _, id = '') => show(session, await session.client.releases.get(id)),
  });
}

interface SignOptions {
  readonly role?: string;
  readonly comment?: string;
  readonly reject?: boolean;
}

function signCommand(io: Io): Command {
  return defineCommand<SignOptions>(io, {
    name: 'sign',
    summary: 'Sign for a release, or against it with --reject, as the person of your token',
    arguments: RELEASE,
    options: {
      '--role <role>': 'the role you sign in',
      '--comment <text>': 'what you looked at',
      '--reject': 'sign against it',
    },
    examples: [
      `fairlead release sign ${EXAMPLE_ID} --role qa --comment "gates read, slices fine"`,
      `fairlead release sign ${EXAMPLE_ID} --role risk-manager --reject --comment "no card"`,
    ],
    run: async (session, { role, comment = '', reject }, id = '') => {
      if (role === undefined) throw cliErrors.CLI_USAGE('A signature needs the --role in which it is given.');
      const release = await session.client.releases.sign(id, {
        meaning: reject === true ? 'rejected' : 'approved',
        role: parseChoice(role, '--role', ROLES),
        comment,
      });
      session.show(release, () => [
        `signed ${reject === true ? 'against' : 'for'} ${release.model}/${release.version} on ${release.endpoint} as ${role}`,
        `${paintReleaseState(release.state, session.style)}${release.waitingFor === null ? '' : `: ${release.waitingFor}`}`,
        ...nextSteps(release),
      ]);
    },
  });
}
