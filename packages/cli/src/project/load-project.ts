import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ProjectFile } from '@fairlead/contracts';
import { messageOf } from '@fairlead/kernel';
import { cliErrors } from '../cli-errors.js';
import { findProject } from './find-project.js';
import { importConfig } from './import-config.js';
import { type PlaceOf, parseYamlProject } from './parse-yaml-project.js';

/** A project file as it was read. */
export interface LoadedProject {
  readonly path: string;
  /** Absolute: what relative paths of the project start from. */
  readonly folder: string;
  readonly project: ProjectFile;
  /** Where a dotted path stands in the file, as `file:line:column`; undefined for code. */
  readonly placeOf: PlaceOf;
}

/** Reads the project file named, or the one in the folder. Throws CLI_PROJECT_…. What it says is judged by the server. */
export async function loadProject(named: string | undefined, cwd: string): Promise<LoadedProject> {
  const path = findProject(named, cwd);
  const folder = dirname(path);
  if (/\.(ts|mts|mjs|js)$/.test(path)) {
    const project = checkMapping(await importConfig(path), path);
    return { path, folder, project, placeOf: () => undefined };
  }
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw cliErrors.CLI_PROJECT_UNREADABLE(`${path} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const { content, placeOf } = parseYamlProject(text, path);
  return { path, folder, project: checkMapping(content, path), placeOf };
}

function checkMapping(content: unknown, path: string): ProjectFile {
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as ProjectFile;
  throw cliErrors.CLI_PROJECT_UNREADABLE(`${path} does not hold a mapping with project, datasets, pipelines ….`);
}
