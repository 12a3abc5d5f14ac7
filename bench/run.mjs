// @ts-check
// npm run bench [name …] [--json FILE]: runs bench/*.bench.mjs, prints the values beside their budgets, ends with 1 when
// one is over its budget or was not measured.
//
// A bench file exports `bench(): Promise<{metric, value, unit, raw?}[]>`; its name is the file's name.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { judge, parseBudgets } from './harness/maths.mjs';

/** @typedef {import('./harness/maths.mjs').Measurement} Measurement */
/** @typedef {import('./harness/maths.mjs').Judgement} Judgement */

const here = fileURLToPath(new URL('./', import.meta.url));

/** @param {string[]} wanted names of benches; none = all */
async function runBenches(wanted) {
  const names = readdirSync(here)
    .flatMap((file) => /^(.+)\.bench\.mjs$/.exec(file)?.[1] ?? [])
    .sort();
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`no such bench: ${unknown.join(', ')}. There are: ${names.join(', ')}`);
  const chosen = wanted.length === 0 ? names : wanted;
  /** @type {Measurement[]} */
  const measurements = [];
  /** @type {string[]} */
  const failures = [];
  for (const name of chosen) {
    process.stderr.write(`${name} …\n`);
    try {
      const { bench } = await import(`./${name}.bench.mjs`);
      measurements.push(...(await bench()).map((/** @type {Measurement} */ m) => ({ ...m, bench: name })));
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { chosen, measurements, failures };
}

/** @param {readonly Measurement[]} measurements @param {readonly Judgement[]} judgements */
function present(measurements, judgements) {
  const rows = measurements.map((m) => {
    const judged = judgements.find(({ budget }) => budget.bench === m.bench && budget.metric === m.metric);
    const limit = judged ? limitText(judged.budget) : '';
    return [
      m.bench,
      m.metric,
      format(m.value),
      m.unit,
      limit,
      judged?.verdict ?? '',
      (m.raw ?? []).map(format).join(' '),
    ];
  });
  const missing = judgements
    .filter(({ verdict }) => verdict === 'missing')
    .map(({ budget }) => [budget.bench, budget.metric, '-', budget.unit, limitText(budget), 'missing', '']);
  const table = [['bench', 'metric', 'value', 'unit', 'budget', 'verdict', 'raw'], ...rows, ...missing];
  const widths = (table[0] ?? []).map((_, i) => Math.max(...table.map((row) => (row[i] ?? '').length)));
  return table
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** @param {import('./harness/maths.mjs').Budget} budget */
function limitText({ max, min }) {
  return [max === undefined ? '' : `≤ ${max}`, min === undefined ? '' : `≥ ${min}`].filter(Boolean).join(' ');
}

/** Four significant digits, without an exponent for the sizes a bench meets. @param {number} value */
function format(value) {
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)));
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });
const { chosen, measurements, failures } = await runBenches(positionals);
const budgets = parseBudgets(JSON.parse(readFileSync(`${here}budgets.json`, 'utf8')));
// Asked for some benches, only their budgets count; asked for all, every budget does.
const judgements = judge(
  positionals.length === 0 ? budgets : budgets.filter((b) => chosen.includes(b.bench)),
  measurements,
);
console.log(present(measurements, judgements));
for (const { budget, verdict } of judgements) {
  if (verdict !== 'within') console.error(`✗ ${budget.bench}/${budget.metric} ${verdict}: ${budget.why}`);
}
for (const failure of failures) console.error(`✗ ${failure}`);
if (values.json) {
  const machine = {
    node: process.version,
    platform: platform(),
    arch: arch(),
    cpu: cpus()[0]?.model,
    cpus: cpus().length,
    memoryBytes: totalmem(),
  };
  const target = resolve(values.json);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(
    target,
    `${JSON.stringify({ at: new Date().toISOString(), machine, measurements, judgements, failures }, null, 2)}\n`,
  );
}
process.exitCode = failures.length > 0 || judgements.some(({ verdict }) => verdict !== 'within') ? 1 : 0;
