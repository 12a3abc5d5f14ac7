import type { MetricPoint } from '../metric-types.js';

type Point = Pick<MetricPoint, 'step' | 'timestampMs' | 'value'>;

/** A digest of points that does not depend on their order, so that two ends can compare millions of them without sorting. */
export interface PointsDigest {
  add(points: readonly Point[]): void;
  readonly points: number;
  /** 16 hex digits. It finds errors; it is no protection against somebody who makes equal digests on purpose. */
  digest(): string;
}

/** Sums of two mixes of each point's 24 bytes. NaN has one form, and −0 counts as 0: databases keep no difference. */
export function pointsDigest(): PointsDigest {
  const numbers = new Float64Array(3);
  const words = new Uint32Array(numbers.buffer);
  let [first, second, count] = [0, 0, 0];
  return {
    add: (points) => {
      for (const { step, timestampMs, value } of points) {
        numbers[0] = step + 0;
        numbers[1] = timestampMs + 0;
        numbers[2] = Number.isNaN(value) ? Number.NaN : value + 0;
        first = (first + mix(words, 0x9e3779b1)) >>> 0;
        second = (second + mix(words, 0x85ebca77)) >>> 0;
      }
      count += points.length;
    },
    get points() {
      return count;
    },
    digest: () => first.toString(16).padStart(8, '0') + second.toString(16).padStart(8, '0'),
  };
}

/** MurmurHash3 of the words. */
function mix(words: Uint32Array, seed: number): number {
  let hash = seed;
  for (let i = 0; i < words.length; i += 1) {
    let word = Math.imul(words[i] as number, 0xcc9e2d51);
    word = (word << 15) | (word >>> 17);
    hash ^= Math.imul(word, 0x1b873593);
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
