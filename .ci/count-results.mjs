// @ts-check
// node .ci/count-results.mjs FOLDER SUITE…: adds up what the suites of .ci/run reported. Ends with 1 when anything failed.
//
// A suite that left no JSON report counts as one failure: it ended before its tests, for example in the lint. So do a file
// that could not be loaded and a run that ended badly without a failed test (an unhandled error, a time limit).

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder = '.', ...suites] = process.argv.slice(2);
const counts = suites.map((name) => ({ name, ...countSuite(name) }));
console.log('');
for (const { name, passed, failed, skipped, broken } of counts) {
  console.log(`${name}: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  for (const test of broken) console.log(`  ✗ ${test}`);
}
const sum = (/** @type {'passed' | 'failed'} */ key) => counts.reduce((total, count) => total + count[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') === 0 ? 0 : 1;

/** @param {string} name @returns {{passed: number, failed: number, skipped: number, broken: string[]}} */
function countSuite(name) {
  const status = readText(join(folder, `${name}.status`))?.trim();
  const report = readText(join(folder, `${name}.json`));
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0, broken: [`ended with ${status}`] };
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(report);
  /** @type {string[]} */
  const broken = [];
  let unloaded = 0;
  for (const file of testResults) {
    const failures = file.assertionResults.filter((/** @type {{status: string}} */ t) => t.status === 'failed');
    for (const test of failures) broken.push(`${test.fullName}`);
    if (file.status === 'failed' && failures.length === 0) {
      unloaded += 1;
      broken.push(`${file.name.split('/').slice(-3).join('/')}: ${file.message.split('\n')[0]}`);
    }
  }
  const failed = numFailedTests + unloaded;
  if (failed === 0 && status !== '0') broken.push(`ended with ${status} although no test failed`);
  return {
    passed: numPassedTests,
    failed: failed === 0 && status !== '0' ? 1 : failed,
    skipped: numPendingTests,
    broken,
  };
}

/** @param {string} path */
function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
