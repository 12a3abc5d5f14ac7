import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '@fairlead/kernel';
import { cliErrors } from '../cli-errors.js';

/** The default export of fairlead.config.mjs, .js or .ts. Runs the file: it is the caller's own code. */
export async function importConfig(path: string): Promise<unknown> {
  try {
    const loaded = path.endsWith('ts') ? await importTypeScript(path) : await importFresh(path);
    if (loaded.default !== undefined) return loaded.default;
  } catch (cause) {
    throw cliErrors.CLI_PROJECT_UNREADABLE(`${path} cannot be loaded: ${messageOf(cause)}`, { data: { path }, cause });
  }
  throw cliErrors.CLI_PROJECT_UNREADABLE(`${path} has no default export: write export default defineProject({ … }).`);
}

function importFresh(path: string): Promise<{ default?: unknown }> {
  return import(`${pathToFileURL(path).href}?${randomUUID()}`) as Promise<{ default?: unknown }>;
}

/**
 * Types are stripped into a file beside the source, so that its imports resolve as they do in the editor; a data: address
 * or a temporary folder would lose them.
 */
async function importTypeScript(path: string): Promise<{ default?: unknown }> {
  const { default: ts } = await import('typescript');
  const { outputText } = ts.transpileModule(await readFile(path, 'utf8'), {
    fileName: path,
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const stripped = join(dirname(path), `.fairlead.config.${randomUUID()}.mjs`);
  try {
    await writeFile(stripped, outputText, { flag: 'wx' });
    return await importFresh(stripped);
  } finally {
    await rm(stripped, { force: true });
  }
}
