import { createRequire } from 'node:module';

type Snappy = typeof import('snappy');

const require = createRequire(import.meta.url);
let snappy: Snappy | undefined;

/** Of its bytes, what a page may keep to be compressed: a reader has to expand it. */
const MAX_KEPT = 0.85;

/**
 * The page in Snappy's raw format, as Parquet's codec of that name wants it; null when it would hardly be smaller. The library is loaded at the
 * first page: it starts threads, and most processes that know this room write none.
 */
export function compressPage(page: Uint8Array): Uint8Array | null {
  snappy ??= require('snappy') as Snappy;
  const compressed = snappy.compressSync(page);
  return compressed.length < page.length * MAX_KEPT ? compressed : null;
}
