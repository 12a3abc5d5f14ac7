import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseWhole } from '../../parse-values.js';

/** Serves a version alone where nobody has to approve it. */
export function deployCommand(io: Io): Command {
  return defineCommand<{ version?: string; environment?: string }>(io, {
    name: 'deploy',
    summary: 'Serve a version in an environment that needs no approval',
    arguments: { '<endpoint>': 'name of the endpoint' },
    options: {
      '--version <n>': 'version of the endpoint’s model',
      '--environment <name>': 'where (default test)',
    },
    examples: ['fairlead endpoint deploy rain --version 3 --environment sandbox'],
    run: async (session, { version, environment = 'test' }, endpoint = '') => {
      if (version === undefined) throw cliErrors.CLI_USAGE('A deployment needs a --version.');
      const number = parseWhole(version, '--version');
      const deployed = await session.busy(`deploying version ${number} to ${environment}`, () =>
        session.client.endpoints.deploy(endpoint, number, environment),
      );
      session.show(deployed, () => [
        `${endpoint} is served by version ${number} in ${environment}`,
        `next: fairlead endpoint predict ${endpoint} --example --environment ${environment}`,
      ]);
    },
  });
}

/** Serves an endpoint no longer in an environment. */
export function withdrawCommand(io: Io): Command {
  return defineCommand<{ environment?: string; reason?: string }>(io, {
    name: 'withdraw',
    summary: 'Serve an endpoint no longer in an environment other than production',
    arguments: { '<endpoint>': 'name of the endpoint' },
    options: { '--environment <name>': 'where', '--reason <text>': 'why' },
    examples: ['fairlead endpoint withdraw rain --environment sandbox --reason "tried"'],
    run: async (session, { environment, reason }, endpoint = '') => {
      if (environment === undefined || reason === undefined) {
        throw cliErrors.CLI_USAGE('To withdraw an endpoint needs --environment and --reason.');
      }
      await session.busy(`taking ${endpoint} out of ${environment}`, () =>
        session.client.releases.withdraw(endpoint, { environment, reason }),
      );
      session.show({ endpoint, environment }, () => [`${endpoint} is no longer served in ${environment}`]);
    },
  });
}
