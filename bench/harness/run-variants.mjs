// @ts-check
// Compares ways of doing the same thing: a fresh process per variant and round, so that no variant inherits another's
// warm caches, compiled code or heap; the order reversed each round, so that no variant always runs on the warmer machine.

import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { median, orderOfRound, pairedRatio } from './maths.mjs';
import { runProcess } from './run-process.mjs';

/**
 * @typedef {object} Variant
 * @property {string} name
 * @property {readonly [string, ...string[]]} [command] timed from spawn to exit; its output is the result
 * @property {{url: string | URL, export: string, args?: readonly unknown[], warmUps?: number}} [module] a function timed inside its process; JSON arguments
 *
 * @typedef {{name: string, rawMs: number[], medianMs: number, ratio: number | undefined, checksum: string}} VariantResult
 * @typedef {{name: string, rounds: number, against: string | undefined, variants: VariantResult[]}} Comparison
 */

const CHILD = fileURLToPath(new URL('./measure-child.mjs', import.meta.url));

/**
 * @param {object} options
 * @param {string} options.name
 * @param {readonly Variant[]} options.variants
 * @param {number} [options.rounds] 5 unless told; odd, so that the median is a value that was measured
 * @param {string} [options.against] the floor or peer: every variant gets its ratio to it, measured in the same run
 * @param {boolean} [options.sameResult] all variants must return the same result (default true): a fast wrong answer is no answer
 * @returns {Promise<Comparison>}
 */
export async function runVariants({ name, variants, rounds = 5, against, sameResult = true }) {
  if (against !== undefined && !variants.some((variant) => variant.name === against)) {
    throw new Error(`${name}: there is no variant ${against} to measure against`);
  }
  /** @type {Map<string, {rawMs: number[], checksum: string}>} */
  const measured = new Map(variants.map((variant) => [variant.name, { rawMs: [], checksum: '' }]));
  for (let round = 0; round < rounds; round += 1) {
    for (const variant of orderOfRound(variants, round)) {
      const { elapsedMs, checksum } = await measureOnce(variant);
      const entry = /** @type {{rawMs: number[], checksum: string}} */ (measured.get(variant.name));
      entry.rawMs.push(elapsedMs);
      entry.checksum = checksum;
    }
    const checksums = new Set([...measured.values()].map((entry) => entry.checksum));
    if (sameResult && checksums.size > 1) throw new Error(`${name}: the variants disagree: ${describe(measured)}`);
  }
  const floor = against === undefined ? undefined : measured.get(against)?.rawMs;
  return {
    name,
    rounds,
    against,
    variants: [...measured].map(([variant, { rawMs, checksum }]) => ({
      name: variant,
      rawMs,
      medianMs: median(rawMs),
      ratio: floor && pairedRatio(rawMs, floor),
      checksum,
    })),
  };
}

/** @param {Map<string, {checksum: string}>} measured */
function describe(measured) {
  return [...measured].map(([name, { checksum }]) => `${name} ${checksum.slice(0, 12)}`).join(', ');
}

/** @param {Variant} variant @returns {Promise<{elapsedMs: number, checksum: string}>} */
async function measureOnce({ name, command, module }) {
  if (module) {
    const task = JSON.stringify({ warmUps: 0, args: [], ...module, url: String(module.url) });
    const { stdout } = await runVariant(name, [process.execPath, CHILD, task]);
    // The function may print; the child's own answer is the last line.
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  }
  if (!command) throw new Error(`variant ${name} has neither a command nor a module`);
  const { elapsedMs, stdout } = await runVariant(name, command);
  return { elapsedMs, checksum: createHash('sha256').update(stdout).digest('hex') };
}

/** @param {string} name @param {readonly [string, ...string[]]} command */
async function runVariant(name, command) {
  try {
    return await runProcess(command);
  } catch (cause) {
    throw new Error(`variant ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
