import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '@fairlead/kernel';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseVersionRef } from '../../parse-values.js';
import { formatBytes, shortDigest } from '../../terminal/format.js';

interface Options {
  readonly output?: string;
  readonly store?: boolean;
}

export function reportCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'report',
    summary: 'Save the report of a model version: one HTML file without scripts',
    arguments: { '<model/version>': 'for example rain/3 or rain (its latest version)' },
    options: {
      '-o, --output <path>': 'where to write it (default: a name in this folder)',
      '--store': 'also keep it on the server as it is now',
    },
    examples: ['fairlead model report rain/3', 'fairlead model report rain -o rain.html --store'],
    run: async (session, { output, store }, ref = '') => {
      const { model, version } = parseVersionRef(ref);
      const { models } = session.client;
      const found = await models.version(model, version);
      const path = resolve(io.cwd, output ?? `${model}-${found.version}-report.html`);
      const saved = await session.busy('writing the report', async () => {
        const stored = store === true ? await models.storeReport(model, found.version) : null;
        const html = await models.report(model, found.version);
        await writeFile(path, html).catch((cause: unknown) => {
          throw cliErrors.CLI_FILE_UNREADABLE(`${path} cannot be written: ${messageOf(cause)}`, { cause });
        });
        return { path, sizeBytes: Buffer.byteLength(html), stored };
      });
      session.show(saved, () => [
        `${saved.path}  ${formatBytes(saved.sizeBytes)}`,
        saved.stored === null ? '' : `kept on the server as ${shortDigest(saved.stored.digest)}`,
      ]);
    },
  });
}
