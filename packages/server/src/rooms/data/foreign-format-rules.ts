const UTF_16 = 'it is text in UTF-16; save it as UTF-8';

const STARTS: readonly (readonly [magic: string, what: string])[] = [
  ['\u001F\u008B', 'it is compressed with gzip; unpack it first'],
  ['PK\u0003\u0004', 'it is a zip archive or an Excel workbook; unpack it, or save the sheet as CSV'],
  ['PAR1', 'it is a Parquet file; say so with `format: parquet`'],
  ['\u00FF\u00FE', UTF_16],
  ['\u00FE\u00FF', UTF_16],
];

/**
 * What the first bytes of a file are if they are not text in UTF-8, in words that end the sentence "it cannot be read:";
 * null for anything that may be text. Without a byte order mark UTF-16 shows as a zero in every second byte.
 */
export function foreignFormat(start: Uint8Array): string | null {
  const head = Buffer.from(start.subarray(0, 64)).toString('latin1');
  const known = STARTS.find(([magic]) => head.startsWith(magic));
  if (known !== undefined) return known[1];
  const zeros = head.split('\0').length - 1;
  return head.length > 3 && zeros * 3 >= head.length ? UTF_16 : null;
}
