/** MurmurHash3 x86_32 with seed 0 (A. Appleby, public domain), 0..2³²−1, as com.microsoft.MurmurHash3 computes it. */
export function murmurHash3(bytes: Uint8Array): number {
  const blocks = bytes.length >> 2;
  let h = 0;
  for (let i = 0; i < blocks; i++) {
    const at = i * 4;
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    h ^= scramble(word);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let i = bytes.length - 1; i >= blocks * 4; i--) rest = (rest << 8) | bytes[i];
  if (bytes.length % 4 > 0) h ^= scramble(rest);
  h ^= bytes.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function scramble(word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}
