// @ts-check
// npm run docs writes docs/reference; npm run docs:check compares and names what is stale.
//
// A generator is a module here that exports `generate(): Promise<{path, text}>`; `path` is relative to docs/reference.
// It is listed below with the sources it reads. While none of them exists it has nothing to say; from the day one does,
// a missing or failing generator is an error.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { walk } from '../house/walk.mjs';

/** @typedef {{path: string, text: string}} GeneratedFile */
/** @typedef {{module: string, sources: RegExp, file: string}} Generator */

const root = fileURLToPath(new URL('../../', import.meta.url));
const reference = join(root, 'docs/reference');

/** @type {readonly Generator[]} */
const GENERATORS = [
  { module: './errors.mjs', sources: /-errors\.ts$/, file: 'errors.md' },
  { module: './events.mjs', sources: /-events\.ts$/, file: 'events.md' },
  { module: './openapi.mjs', sources: /^packages\/server\/src\/main\//, file: 'openapi.json' },
  { module: './cli.mjs', sources: /^packages\/cli\/src\/(?!index\.ts$)/, file: 'cli.md' },
  { module: './trainers.mjs', sources: /-definition\.ts$/, file: 'trainers.md' },
  { module: './config.mjs', sources: /^packages\/server\/src\/platform\/config\//, file: 'config.md' },
  {
    module: './project-schema.mjs',
    sources: /^packages\/contracts\/src\/project-contract\.ts$/,
    file: 'project.schema.json',
  },
];

/**
 * @param {GeneratedFile} file
 * @param {boolean} check
 * @returns {'written' | 'unchanged' | 'stale'}
 */
function settle(file, check) {
  const target = join(reference, file.path);
  const text = file.text.endsWith('\n') ? file.text : `${file.text}\n`;
  if (existsSync(target) && readFileSync(target, 'utf8') === text) return 'unchanged';
  if (check) return 'stale';
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
  return 'written';
}

async function main() {
  const check = process.argv.includes('--check');
  /** @type {string[]} */
  const problems = [];
  const written = walk(root, 'packages', ['.ts']).filter(
    (path) => path.includes('/src/') && !path.endsWith('.test.ts'),
  );
  for (const { module, sources, file } of GENERATORS) {
    if (!written.some((path) => sources.test(path))) {
      console.log(`${file.padEnd(20)} skipped: no source matches ${sources.source} yet`);
      continue;
    }
    try {
      /** @type {{generate: () => Promise<GeneratedFile>}} */
      const { generate } = await import(module);
      const generated = await generate();
      if (generated.path !== file) throw new Error(`${module} made ${generated.path}, the list says ${file}`);
      const state = settle(generated, check);
      console.log(`${file.padEnd(20)} ${state}`);
      if (state === 'stale')
        problems.push(`docs/reference/${file} is stale: run \`npm run build && npm run docs\` and commit it`);
    } catch (error) {
      problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const listed = new Set(GENERATORS.map((generator) => `docs/reference/${generator.file}`));
  for (const path of walk(root, 'docs/reference', [''])) {
    if (!listed.has(path)) problems.push(`${path} has no generator: docs/reference holds generated files only`);
  }
  for (const problem of problems) console.error(`✗ ${problem}`);
  // Drivers loaded by a generator may hold worker threads or sockets: the documents are written, so leave.
  process.exit(problems.length === 0 ? 0 : 1);
}

await main();
