import { lstat, mkdir, realpath, rm, symlink } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import type { ChangeContext } from '../../platform/db/index.js';
import { artifactPathProblem } from '../tracking/index.js';
import type { Room } from './pipelines-deps.js';
import { pipelinesErrors } from './pipelines-errors.js';
import type { ArtifactRef } from './pipelines-types.js';

/** The folders of one running command. */
export interface StepFolders {
  readonly root: string;
  readonly inputs: string;
  readonly outputs: string;
}

/** Local files of one input: '' is the whole of it, other keys are its parts. Empty when there is nothing to read locally. */
export type InputFiles = Readonly<Record<string, string>>;

/** Gives `work` fresh folders and removes them afterwards, however it ends. */
export async function withStepFolders<T>(
  { workFolder }: Room,
  name: string,
  work: (folders: StepFolders) => Promise<T>,
): Promise<T> {
  const root = join(workFolder, 'steps', name);
  const folders = { root, inputs: join(root, 'inputs'), outputs: join(root, 'outputs') };
  await rm(root, { recursive: true, force: true });
  await mkdir(folders.inputs, { recursive: true });
  await mkdir(folders.outputs);
  try {
    return await work(folders);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Puts every input where a command can read it. */
export async function provideInputs(
  room: Room,
  inputs: Readonly<Record<string, ArtifactRef>>,
  folders: StepFolders,
): Promise<Record<string, InputFiles>> {
  const provided: [string, InputFiles][] = [];
  for (const [index, [name, ref]] of Object.entries(inputs).entries()) {
    if (ref.kind !== 'file') {
      provided.push([name, (await room.materialise?.(ref)) ?? {}]);
      continue;
    }
    // Under its own name: programs tell formats by the extension, which the address of an object does not have.
    const folder = join(folders.inputs, String(index));
    await mkdir(folder);
    const path = join(folder, fileNameOf(ref));
    await symlink(await room.objects.localPath(ref.digest), path);
    provided.push([name, { '': path }]);
  }
  return Object.fromEntries(provided);
}

/** The id of a file is `digest/name`: unique by content and name, and the name is not lost. */
function fileNameOf({ id }: ArtifactRef): string {
  const name = id.slice(id.indexOf('/') + 1);
  return artifactPathProblem(name) === null && !name.includes('/') ? name : 'file';
}

export interface CollectRequest {
  readonly context: ChangeContext;
  readonly trackingRunId: string;
  readonly folder: string;
  /** Output name → path below the folder. */
  readonly declared: Readonly<Record<string, string>>;
}

/** Stores the declared outputs and attaches them to the tracking run. Throws PIP_OUTPUT_MISSING. */
export async function collectOutputs(room: Room, request: CollectRequest): Promise<Record<string, ArtifactRef>> {
  const { context, trackingRunId, folder, declared } = request;
  const outputs: [string, ArtifactRef][] = [];
  for (const [name, path] of Object.entries(declared)) {
    const file = await outputFile(folder, name, path);
    const { digest } = await room.objects.putFile(file);
    await room.tracking.linkArtifact(context, trackingRunId, { path: `outputs/${path}`, digest });
    outputs.push([name, { kind: 'file', id: `${digest}/${basename(path)}`, digest }]);
  }
  return Object.fromEntries(outputs);
}

async function outputFile(folder: string, name: string, path: string): Promise<string> {
  const problem = artifactPathProblem(path);
  if (problem !== null) refuse(name, path, `its path is not allowed: ${problem}`);
  const file = join(folder, path);
  const info = await lstat(file).catch(() => null);
  if (info === null) refuse(name, path, 'it was not written');
  if (!info.isFile()) refuse(name, path, 'it is no regular file');
  // A folder on the way may be a link to somewhere else.
  const [real, root] = await Promise.all([realpath(file), realpath(folder)]);
  if (!real.startsWith(root + sep)) refuse(name, path, 'it lies outside the output folder');
  return real;
}

function refuse(name: string, path: string, problem: string): never {
  throw pipelinesErrors.PIP_OUTPUT_MISSING(`Output "${name}" (${path.slice(0, 200)}): ${problem}.`, {
    data: { output: name, path: path.slice(0, 200), problem },
  });
}
