// @ts-check
// npm run wasm compiles every packages/num/wasm/<name>.ts (AssemblyScript) into packages/num/src/wasm/<name>.wasm.ts, which
// holds the module as text: a package that must run in Node, a browser and a worker cannot count on reading a file beside
// itself. npm run wasm:check compiles again and names what is stale.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('../../packages/num/', import.meta.url));
const sources = join(root, 'wasm');
const target = join(root, 'src/wasm');

// The memory is made by the caller, shared by its threads and laid out by it: no allocator, no collector, no start function.
// 65536 pages is the most that 32-bit addresses reach; the memory that is given may be any smaller one.
const FLAGS = [
  '--optimizeLevel=3',
  '--shrinkLevel=0',
  '--runtime=stub',
  '--enable=simd',
  '--enable=threads',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory=1',
  '--maximumMemory=65536',
  '--noAssert',
];

/** @param {string} name @returns {Promise<string>} the text of the TypeScript file that holds the compiled module */
async function compile(name) {
  /** @type {Map<string, string | Uint8Array>} */
  const written = new Map();
  const { error, stderr } = await asc.main([`${name}.ts`, '--baseDir', sources, '--outFile', 'module.wasm', ...FLAGS], {
    writeFile: (file, contents) => void written.set(basename(file), contents),
  });
  if (error) throw new Error(`${name}.ts: ${error.message}\n${stderr.toString()}`);
  const bytes = /** @type {Uint8Array} */ (written.get('module.wasm'));
  const text = Buffer.from(bytes).toString('base64');
  return [
    `// Compiled from packages/num/wasm/${name}.ts by npm run wasm; ${bytes.length} bytes.`,
    `export const ${name}Module =`,
    `  '${text}';`,
    '',
  ].join('\n');
}

async function main() {
  const check = process.argv.includes('--check');
  const names = readdirSync(sources)
    .filter((file) => /^[a-z]+\.ts$/.test(file))
    .map((file) => basename(file, '.ts'));
  const stale = [];
  for (const name of names) {
    const file = join(target, `${name}.wasm.ts`);
    const text = await compile(name);
    if (existsSync(file) && text === readFileSync(file, 'utf8')) continue;
    if (check) stale.push(name);
    else writeFileSync(file, text);
  }
  if (stale.length > 0) {
    console.error(
      `stale: ${stale.map((name) => `packages/num/src/wasm/${name}.wasm.ts`).join(', ')}; run npm run wasm`,
    );
    process.exitCode = 1;
  } else
    console.log(`${names.length} WebAssembly modules ${check ? 'are up to date' : 'compiled'}: ${names.join(', ')}`);
}

await main();
