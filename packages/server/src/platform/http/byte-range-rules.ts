/** What a Range header asks of a body: all of it, bytes from `start` up to but not including `end`, or nothing there is. */
export type RangeVerdict =
  | { readonly verdict: 'whole' }
  | { readonly verdict: 'part'; readonly start: number; readonly end: number }
  | { readonly verdict: 'unsatisfiable' };

const WHOLE: RangeVerdict = { verdict: 'whole' };

/**
 * Reads a Range header of HTTP (RFC 9110, 14.1). One range of bytes is honoured; several at once, other units and what
 * cannot be read are answered with the whole body, as the standard allows.
 *
 * @example
 * readByteRange('bytes=10-19', 100); // { verdict: 'part', start: 10, end: 20 }
 * readByteRange('bytes=-5', 100); // { verdict: 'part', start: 95, end: 100 }
 */
export function readByteRange(header: string | undefined, sizeBytes: number): RangeVerdict {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replace(/\s/g, '') ?? '');
  if (match === null) return WHOLE;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return WHOLE;
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return WHOLE;
  return start < end ? { verdict: 'part', start, end } : { verdict: 'unsatisfiable' };
}
