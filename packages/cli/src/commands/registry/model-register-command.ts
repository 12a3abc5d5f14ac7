import { createReadStream } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { VersionRecordView } from '@fairlead/contracts';
import type { FairleadClient } from '@fairlead/sdk';
import type { Command } from 'commander';
import { defineCommand, type Session } from '../../define-command.js';
import type { Io } from '../../io.js';
import { formatBytes, shortDigest } from '../../terminal/format.js';

interface Options {
  readonly columns?: string;
  readonly description?: string;
}

/** Longer than any upload that goes on takes. */
const UPLOAD_TIMEOUT_MS = 6 * 3_600_000;
const EXAMINED_EVERY_MS = 200;
const DEFAULT_EXPERIMENT = '0';

export function registerCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'register',
    summary: 'Upload a model and register it as a new version; exit code 1 when it cannot be served, with the reason',
    arguments: {
      '<model>': 'name of the model, made when there is none',
      '<path>': 'an ONNX file, whose side files are found beside it, or a folder with an MLmodel file',
    },
    options: {
      '--columns <names>': 'of an ONNX file with one tensor [rows, columns]: their names in its order, with commas',
      '--description <text>': 'of the version',
    },
    examples: [
      'fairlead model register rain model.onnx --columns wind,cars',
      'fairlead model register rain ./mlflow-model',
    ],
    run: async (session, { columns, description }, model = '', path = '') => {
      const { listModelFiles } = await import('@fairlead/server');
      const files = await session.busy(`reading ${path}`, () => listModelFiles(resolve(io.cwd, path)));
      const { modelRecords, loggedModels } = session.client;
      await ensureModel(session.client, model);
      const logged = await loggedModels.create({
        experimentId: DEFAULT_EXPERIMENT,
        name: basename(path).replace(/[/:.%"']/g, '-'),
      });
      const root = logged.artifactRoot.replace(/^artifacts:\//, '');
      for (const file of files) {
        await session.busy(`sending ${file.path}, ${formatBytes(file.sizeBytes)}`, () =>
          session.client.files.upload(`${root}/${file.path}`, {
            body: createReadStream(file.file),
            timeoutMs: UPLOAD_TIMEOUT_MS,
          }),
        );
      }
      if (columns !== undefined) {
        const body = Buffer.from(mlModelOf(files[0]?.path ?? '', columns));
        await session.client.files.upload(`${root}/MLmodel`, { body });
      }
      await loggedModels.update(logged.id, { status: 'ready' });
      const source = `logged-model:${logged.id}`;
      const made = await modelRecords.register(model, { source, ...(description !== undefined && { description }) });
      const found = await examined(session, made);
      if (found.servable !== 'yes') session.fail();
      session.show(found, () => present(found));
    },
  });
}

async function ensureModel({ modelRecords }: FairleadClient, name: string): Promise<void> {
  try {
    await modelRecords.get(name);
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code !== 'REG_MODEL_NOT_FOUND') throw error;
    await modelRecords.create({ name });
  }
}

function examined(session: Session, made: VersionRecordView): Promise<VersionRecordView> {
  return session.busy(`examining ${made.model}/${made.version}`, async () => {
    for (let found = made; ; found = await session.client.modelRecords.version(made.model, made.version)) {
      if (found.servable !== 'pending') return found;
      await new Promise((resolved) => setTimeout(resolved, EXAMINED_EVERY_MS));
    }
  });
}

/** JSON is YAML. The types are those of the tensor, whatever stands here. */
function mlModelOf(data: string, columns: string): string {
  const inputs = columns.split(',').map((name) => ({ type: 'float', name: name.trim() }));
  return JSON.stringify({ flavors: { onnx: { data } }, signature: { inputs: JSON.stringify(inputs) } });
}

function present({ model, version, servable, notServable, packaged }: VersionRecordView): string[] {
  if (servable !== 'yes' || packaged === null) {
    return [`${model}/${version} is registered and cannot be served: ${notServable}`];
  }
  const inputs = packaged.signature.inputs.map(({ name }) => name);
  const isFolder = packaged.form === 'folder';
  return [
    `${model}/${version}  ${shortDigest(packaged.digest)}  reads ${inputs.slice(0, 20).join(', ')}${inputs.length > 20 ? ', …' : ''}`,
    isFolder ? 'a folder: an endpoint serves it by a program or another server (docs/guide/models.md)' : '',
    `next: fairlead endpoint declare ${model} ${model}; fairlead endpoint deploy ${model} --version ${version}`,
  ];
}
