import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseWhole } from '../../parse-values.js';
import { environmentFlag } from '../serving/environment-flag.js';

interface Options {
  readonly to?: string;
  readonly environment?: string;
  readonly reason?: string;
}

export function rollbackCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'rollback',
    summary: 'Go back to an earlier released version of an endpoint in one switch',
    arguments: { '<endpoint>': 'name of the endpoint' },
    options: {
      '--to <n>': 'version to go back to (default: the one before)',
      '--environment <name>': 'where (default production)',
      '--reason <text>': 'why',
    },
    examples: [
      'fairlead rollback rain --reason "complaints since noon"',
      'fairlead rollback rain --to 2 --reason "known good"',
    ],
    run: async (session, { to, environment, reason }, endpoint = '') => {
      const place = environment === undefined ? {} : { environment };
      if (reason === undefined) throw cliErrors.CLI_USAGE('A rollback needs a --reason.');
      const release = await session.busy(`rolling ${endpoint} back`, () =>
        session.client.releases.rollBack(endpoint, {
          reason,
          ...place,
          ...(to !== undefined && { toVersion: parseWhole(to, '--to') }),
        }),
      );
      const routing = await session.client.endpoints.routing(endpoint, place);
      session.show({ release, routing }, () => [
        `${endpoint} is served by version ${routing.entries.map(({ version }) => version).join(' and ')} again`,
        `next: fairlead endpoint history ${endpoint}${environmentFlag(release.environment)}`,
      ]);
    },
  });
}
