import { checkRange } from '../checks.js';

/** A seeded source of random numbers. Equal seeds and labels give equal numbers on every machine. */
export interface Rng {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  /** Uniform integer in [0, n), without modulo bias; 1 ≤ n ≤ 2³². */
  int(n: number): number;
  /** Standard normal (Marsaglia polar). */
  normal(): number;
  /** Fisher–Yates in place; returns the same array. */
  shuffle(values: Int32Array): Int32Array;
  /**
   * An independent generator named by `label`: one per tree, fold or worker. It depends on the seed and the path of
   * labels only, never on how many numbers were drawn, so thread order cannot change a result.
   */
  fork(label: string | number): Rng;
}

/**
 * sfc32 (Chris Doty-Humphrey, PractRand) seeded by splitmix32. Period about 2^127; not for cryptography.
 *
 * @param seed an integer in [0, 2³²); 0 is a seed like any other.
 * @throws NUM_RANGE for any other seed.
 */
export function createRng(seed: number): Rng {
  checkRange('seed', seed, { min: 0, max: 0xffffffff, integer: true });
  return sfc32(seed >>> 0, 0x9e3779b9);
}

function splitmix32(state: number): () => number {
  let a = state | 0;
  return () => {
    a = (a + 0x9e3779b9) | 0;
    let t = a ^ (a >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return (t ^ (t >>> 15)) >>> 0;
  };
}

function sfc32(key0: number, key1: number): Rng {
  const first = splitmix32(key0);
  const second = splitmix32(key1 ^ Math.imul(key0, 0x85ebca6b));
  let a = first() | 0;
  let b = second() | 0;
  let c = (first() ^ second()) | 0;
  let counter = 1;
  let spare = Number.NaN;

  const word = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) word();

  const int = (n: number): number => {
    checkRange('n', n, { min: 1, max: 0x100000000, integer: true });
    const limit = 0x100000000 - (0x100000000 % n);
    let draw = word();
    while (draw >= limit) draw = word();
    return draw % n;
  };
  const next = (): number => word() / 0x100000000;
  const normal = (): number => {
    if (!Number.isNaN(spare)) {
      const value = spare;
      spare = Number.NaN;
      return value;
    }
    let u = 0;
    let v = 0;
    let s = 0;
    do {
      u = 2 * next() - 1;
      v = 2 * next() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const scale = Math.sqrt((-2 * Math.log(s)) / s);
    spare = v * scale;
    return u * scale;
  };
  const shuffle = (values: Int32Array): Int32Array => {
    for (let i = values.length - 1; i > 0; i--) {
      const j = int(i + 1);
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
    return values;
  };
  const fork = (label: string | number): Rng => {
    const text = `${typeof label}:${label}`;
    return sfc32(hash(text, key0), hash(text, key1 ^ 0x5bd1e995));
  };
  return { next, int, normal, shuffle, fork };
}

/** FNV-1a over UTF-16 units with a murmur finaliser. */
function hash(text: string, seed: number): number {
  let h = seed ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
