// @ts-check
// npm run house: the import law, the census, and the proof that both can see.

import { fileURLToPath } from 'node:url';
import { presentCensus, takeCensus } from './census.mjs';
import { importLaw, judgeImports } from './import-law.mjs';
import { selfTest } from './self-test.mjs';
import { walk } from './walk.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Source files on disk that the import check never opened: counted here by walking, not by asking the checker. */
function unseen(/** @type {string[]} */ modules) {
  const seen = new Set(modules);
  return walk(root, 'packages', ['.ts', '.tsx'])
    .filter((path) => /^packages\/[^/]+\/src\//.test(path) && !path.endsWith('.d.ts'))
    .filter((path) => !seen.has(path));
}

const proof = await selfTest();
const imports = await judgeImports(root);
const census = takeCensus(root);

const problems = [
  ...proof.problems.map((problem) => `self-test: ${problem}`),
  ...unseen(imports.modules).map((path) => `${path} was not seen by the import check`),
  ...imports.violations.map((v) => `${v.rule}: ${v.from} → ${v.to}`),
  ...census.problems,
];

console.log(presentCensus(census));
console.log(
  `imports: ${imports.modules.length} modules, ${imports.dependencies} imports, ${importLaw(root).length} rules; self-test: ${proof.seeds} seeded violations`,
);
if (imports.modules.length === 0) problems.push('no module was seen');
if (problems.length > 0) {
  console.error(
    `\n${problems.map((problem) => `✗ ${problem}`).join('\n')}\n\nhouse: ${problems.length} problem(s). The law stands in tools/house/rooms.mjs and CONTRIBUTING.md.`,
  );
  process.exitCode = 1;
} else {
  console.log('house: in order');
}
