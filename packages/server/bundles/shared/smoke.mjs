// @ts-check
// Asks the model the questions it was asked when this folder was made, and compares. `predict` is what the folder offers.

import { readFileSync } from 'node:fs';

const TOLERANCE = 1e-5;

/** @param {(rows: object[]) => Promise<object[]>} predict */
export async function smoke(predict) {
  const golden = JSON.parse(readFileSync(new URL('./golden.json', import.meta.url), 'utf8'));
  const answers = await predict(golden.rows);
  const problems = differences(golden.answers, answers, 'answers');
  for (const problem of problems) console.error(`✗ ${problem}`);
  if (problems.length > 0) process.exit(1);
  console.log(`✓ ${golden.rows.length} answers as when it was packaged`);
}

/** @param {any} expected @param {any} observed @param {string} path @returns {string[]} */
function differences(expected, observed, path) {
  if (typeof expected === 'number' && typeof observed === 'number') {
    const far = Math.abs(expected - observed) > TOLERANCE * Math.max(1, Math.abs(expected));
    return far ? [`${path}: ${observed}, expected ${expected}`] : [];
  }
  if (typeof expected !== 'object' || expected === null) {
    return expected === observed ? [] : [`${path}: ${JSON.stringify(observed)}, expected ${JSON.stringify(expected)}`];
  }
  return Object.keys(expected).flatMap((key) => differences(expected[key], observed?.[key], `${path}.${key}`));
}
