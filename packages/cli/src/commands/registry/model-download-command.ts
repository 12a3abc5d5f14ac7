import { resolve } from 'node:path';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseVersionRef } from '../../parse-values.js';
import { saveDownload } from '../../save-download.js';
import { formatBytes, shortDigest } from '../../terminal/format.js';

interface Options {
  readonly output?: string;
  readonly file?: string;
}

export function downloadCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'download',
    summary: 'Save a file of a model version and check its digest',
    arguments: { '<model/version>': 'for example rain/3 or rain (its latest version)' },
    options: {
      '--file <path>': 'which file of the version (default model.onnx)',
      '-o, --output <path>': 'where to write it (default: a name in this folder)',
    },
    examples: ['fairlead model download rain/3', 'fairlead model download rain/3 -o rain.onnx'],
    run: async (session, { output, file = 'model.onnx' }, ref = '') => {
      const { model, version } = parseVersionRef(ref);
      const found = await session.client.models.version(model, version);
      const digest = found.files.find(({ path }) => path === file)?.digest;
      if (digest === undefined) {
        const names = found.files.map(({ path }) => path).join(', ');
        throw cliErrors.CLI_USAGE(`${model}/${found.version} has no file ${file}; it has ${names}.`);
      }
      const path = resolve(io.cwd, output ?? `${model}-${found.version}-${file.replaceAll('/', '-')}`);
      const saved = await session.busy(`downloading ${file}`, async () =>
        saveDownload(await session.client.models.downloadFile(model, found.version, { path: file }), path, digest),
      );
      session.show(
        saved,
        () => `${saved.path}  ${formatBytes(saved.sizeBytes)}  ${shortDigest(saved.digest)}, as registered`,
      );
    },
  });
}
