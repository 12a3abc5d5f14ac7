import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { BundleResult } from '@fairlead/server';
import { type Command, Option } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand, type Session } from '../../define-command.js';
import { interruptible } from '../../interruptible.js';
import type { Io } from '../../io.js';
import { parseVersionRef } from '../../parse-values.js';
import { saveDownload } from '../../save-download.js';
import { formatBytes, shortDigest } from '../../terminal/format.js';

interface Options {
  readonly as?: BundleResult['kind'];
  readonly name?: string;
  readonly out?: string;
  readonly baseImage?: string;
}

const TRY = 'npm install --ignore-scripts && npm test';

/** `fairlead package MODEL --as docker|npm|serverless`: a model file, or a version of a server's registry. */
export function packageCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'package',
    summary: 'Make a folder that answers with a model by itself: a container, an npm package, a function',
    arguments: { '<model>': 'a packaged model on disk, or a version of the registry such as rain/3' },
    options: {
      '--as <kind>': new Option('--as <kind>', 'docker, npm (browsers, edge) or serverless')
        .choices(['docker', 'npm', 'serverless'])
        .makeOptionMandatory(),
      '--name <name>': 'name of the package and the image (default: that of the model)',
      '-o, --out <folder>': 'a folder that is absent or empty (default: ./NAME-KIND)',
      '--base-image <image>': 'of the container, best with its digest: node:22-bookworm-slim@sha256:…',
    },
    examples: ['fairlead package model.onnx --as docker', 'fairlead package rain/3 --as npm --name rain-forecast'],
    run: async (session, { as: kind = 'docker', name, out, baseImage }, model = '') => {
      const found = await session.busy(`packaging ${model}`, () =>
        interruptible((signal) =>
          withModelFile(session, model, async (modelPath, ownName) => {
            const { bundleModel } = await import('@fairlead/server');
            const chosen = name ?? ownName;
            return bundleModel({
              modelPath,
              kind,
              name: chosen,
              outFolder: resolve(io.cwd, out ?? `${chosen}-${kind}`),
              signal,
              ...(baseImage !== undefined && { baseImage }),
            });
          }),
        ),
      );
      session.show(found, () => presentBundle(found));
    },
  });
}

async function withModelFile<T>(
  session: Session,
  model: string,
  work: (path: string, name: string) => Promise<T>,
): Promise<T> {
  const path = resolve(session.io.cwd, model);
  if (existsSync(path)) {
    const { withOneFile } = await import('@fairlead/server');
    return withOneFile(path, (file) => work(file, nameFrom(basename(path).replace(/\.onnx$/i, ''))));
  }
  if (/\.onnx$/i.test(model)) throw cliErrors.CLI_FILE_UNREADABLE(`There is no file ${path}.`, { data: { path } });
  const ref = parseVersionRef(model);
  const { version, digest, form } = await session.client.models.version(ref.model, ref.version);
  if (form === 'folder') {
    throw cliErrors.CLI_USAGE(
      `${ref.model}/${version} is a folder that only a program can load, expected an ONNX model.`,
    );
  }
  const { withScratchFolder } = await import('@fairlead/server');
  return withScratchFolder('fairlead-package-', async (folder) => {
    const file = join(folder, 'model.onnx');
    await saveDownload(
      await session.client.models.downloadFile(ref.model, version, { path: 'model.onnx' }),
      file,
      digest,
    );
    return await work(file, nameFrom(`${ref.model}-${version}`));
  });
}

function nameFrom(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
}

function presentBundle({ kind, name, folder, files, model, baseImagePinned }: BundleResult): string[] {
  return [
    `${folder}: ${Object.keys(files).length + 1} files, model ${shortDigest(model.digest)}, ${formatBytes(model.sizeBytes)}`,
    baseImagePinned === false
      ? 'The base image is named without a digest; give --base-image IMAGE@sha256:… to pin it.'
      : '',
    `Try it: cd ${folder} && ${TRY}`,
    kind === 'docker' ? `Then: docker build -t ${name} .` : '',
  ];
}
