import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';

/** The version of this package. */
export function ownVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

export function versionCommand(io: Io): Command {
  return defineCommand<{ server?: boolean }>(io, {
    name: 'version',
    summary: 'Show the version of this program and, with --server, of the server',
    options: { '--server': 'ask the server too' },
    examples: ['fairlead version', 'fairlead version --server --json'],
    run: async (session, { server }) => {
      const versions = {
        cli: ownVersion(),
        node: process.versions.node,
        ...(server === true && { server: (await session.client.system.version()).version }),
      };
      session.show(versions, () => Object.entries(versions).map(([name, version]) => `${name} ${version}`));
    },
  });
}
