import { createRng } from '../../random/rng.js';
import type { CompiledSpace } from '../compile-space.js';
import { valueAtUnit } from '../dimension.js';
import { randomDraw } from './random.js';
import type { Draw, StudyPlan } from './sampler.js';
import { SOBOL_BITS, sobolDirections } from './sobol-directions.js';

/** Coordinate of point `index` (from 0, in Gray-code order as SciPy has them) as 32 bits. Unscrambled point 0 is 0. */
export function sobolBits(directions: Uint32Array, index: number): number {
  let gray = (index ^ (index >>> 1)) >>> 0;
  let bits = 0;
  for (let bit = 0; gray !== 0 && bit < SOBOL_BITS; bit++, gray >>>= 1) {
    if (gray & 1) bits ^= directions[bit];
  }
  return bits >>> 0;
}

/**
 * Owen's nested uniform scrambling by hashing (B. Burley, "Practical Hash-based Owen Scrambling", JCGT 9(4) 2020): each
 * bit is flipped by a hash of the bits above it, so every elementary interval keeps its share of points.
 */
export function owenScramble(bits: number, seed: number): number {
  let x = reverseBits(bits);
  x = (x + seed) | 0;
  x ^= Math.imul(x, 0x6c50b47c);
  x ^= Math.imul(x, 0xb82f1e52);
  x ^= Math.imul(x, 0xc7afe638);
  x ^= Math.imul(x, 0x8d22f6e6);
  return reverseBits(x);
}

function reverseBits(bits: number): number {
  let x = bits >>> 0;
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return ((x >>> 16) | (x << 16)) >>> 0;
}

/**
 * Skip rule: none. The first trial that was not enqueued gets point 0, the next point 1: with scrambling no point is
 * special, and any first 2^k trials are a net. Enqueued trials' open parameters are drawn at random instead. One
 * dimension per parameter, by name; what a condition leaves out is skipped without moving the others.
 */
export function createSobol(plan: StudyPlan): (trial: number) => Draw {
  const { seed, enqueued = [] } = plan.spec;
  const lines = sobolLines(plan.space, seed);
  return (trial) => {
    if (trial < enqueued.length) return randomDraw(plan, trial);
    const index = trial - enqueued.length;
    return (members) =>
      members.map((member) => {
        const { directions, scramble } = lines[member];
        const unit = owenScramble(sobolBits(directions, index), scramble) / 0x100000000;
        return valueAtUnit(plan.space.dimensions[member], unit);
      });
  };
}

function sobolLines(space: CompiledSpace, seed: number): { directions: Uint32Array; scramble: number }[] {
  const rng = createRng(seed).fork('sobol');
  return space.dimensions.map((_, index) => ({
    directions: sobolDirections(index),
    scramble: rng.fork(index).int(0x100000000) | 0,
  }));
}
