import { isUtf8 } from 'node:buffer';
import { throwIfAborted } from '@fairlead/kernel';
import { dataErrors } from './data-errors.js';
import { REASON, type ReasonCode } from './reason-codes.js';

/** A quoted field longer than this is taken for a quote that was never closed. Must stay below DuckDB's own limit. */
const MAX_RECORD_BYTES = 4 << 20;
/** A line longer than this is not a line of a text file. */
const MAX_LINE_BYTES = 64 << 20;
const LF = 10;
const CR = 13;
const QUOTE = 34;

/** One record of a text file. `bytes` is a view, valid only during the callback, without its line end. */
export interface ScannedRecord {
  readonly bytes: Buffer;
  /** 1-based line of the file on which the record begins. */
  readonly line: number;
  /** What is wrong with its shape, or null. */
  readonly fault: ReasonCode | null;
  readonly fields: number;
  /** It has a quote within plain text or a lone carriage return, on which CSV readers disagree. */
  readonly odd: boolean;
  /** Bytes of its line end: 2 for CR LF, 1 for LF, 0 at the end of the file. */
  readonly lineEnd: number;
}

export interface ScanOptions {
  /** Fields are counted and quotes obeyed; absent: every line is a record of one field. */
  readonly csv?: { readonly delimiter: string; readonly columns: number };
  readonly signal?: AbortSignal;
  /** Called for every empty line: to some readers it is a row. */
  readonly onBlank?: () => void;
  /** Awaited after every chunk, with the bytes read so far: the place to write out what the callback gathered. */
  readonly afterChunk?: (readBytes: number) => Promise<void>;
}

/**
 * Finds the records of a CSV or line file byte by byte: exact line numbers, exact raw bytes, empty lines skipped.
 * DuckDB's own reject table was tried first: its `line` counts records, not lines (a quoted line break or an empty line
 * shifts it), and one open quote swallows the rest of the file. A record with broken quotes costs its first line only.
 */
export async function scanRecords(
  chunks: AsyncIterable<Buffer | Uint8Array>,
  options: ScanOptions,
  onRecord: (record: ScannedRecord) => void,
): Promise<void> {
  const scan = createScan(options, onRecord);
  let rest: Buffer = Buffer.alloc(0);
  let readBytes = 0;
  let first = true;
  for await (const chunk of chunks) {
    throwIfAborted(options.signal);
    readBytes += chunk.byteLength;
    let data: Buffer = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    if (first && data.length >= 3) {
      if (data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf) data = data.subarray(3);
      first = false;
    }
    rest = first ? data : data.subarray(scan(data, false));
    if (rest.length > MAX_LINE_BYTES) throw endless(rest.length);
    await options.afterChunk?.(readBytes);
  }
  scan(rest, true);
  await options.afterChunk?.(readBytes);
}

function endless(sizeBytes: number): Error {
  return dataErrors.DATA_SOURCE_UNREADABLE(`The source has a line of more than ${MAX_LINE_BYTES} bytes.`, {
    data: { sizeBytes, maxLineBytes: MAX_LINE_BYTES },
  });
}

interface Found {
  /** First byte after the record and its line end; -1 when the buffer ends before the record does. */
  readonly next: number;
  readonly end: number;
  readonly fields: number;
  readonly lines: number;
  readonly odd: boolean;
  readonly fault: ReasonCode | null;
}

function createScan(options: ScanOptions, onRecord: (record: ScannedRecord) => void) {
  let line = 1;
  const find = options.csv === undefined ? findLine : csvFinder(options.csv.delimiter.charCodeAt(0));
  /** Consumes whole records and returns where the unfinished one begins. */
  return (data: Buffer, last: boolean): number => {
    // One look at the whole chunk is much cheaper than one per record; a character cut at its end only costs the detour.
    const sound = isUtf8(data);
    let at = 0;
    while (at < data.length) {
      const found = find(data, at, last);
      if (found.next < 0) return at;
      if (found.end > at) {
        const bytes = data.subarray(at, found.end);
        const fault = sound || isUtf8(bytes) ? judge(bytes, found, options) : REASON.INVALID_ENCODING;
        onRecord({ bytes, line, fault, fields: found.fields, odd: found.odd, lineEnd: found.next - found.end });
      } else options.onBlank?.();
      line += found.lines;
      at = found.next;
    }
    return at;
  };
}

function judge(bytes: Buffer, found: Found, { csv }: ScanOptions): ReasonCode | null {
  if (found.fault !== null) return found.fault;
  if (bytes.length > MAX_RECORD_BYTES) return REASON.ROW_TOO_LONG;
  // White space in JSON, but a line end to DuckDB; nobody writes it on purpose.
  if (csv === undefined) return bytes.includes(CR) ? REASON.BAD_JSON : null;
  if (found.fields === csv.columns) return null;
  return found.fields < csv.columns ? REASON.TOO_FEW_COLUMNS : REASON.TOO_MANY_COLUMNS;
}

function findLine(data: Buffer, start: number, last: boolean, fault: ReasonCode | null = null): Found {
  const newline = data.indexOf(LF, start);
  if (newline < 0 && !last) return { next: -1, end: 0, fields: 1, lines: 0, odd: false, fault };
  const stop = newline < 0 ? data.length : newline;
  const end = stop > start && data[stop - 1] === CR ? stop - 1 : stop;
  return { next: newline < 0 ? data.length : newline + 1, end, fields: 1, lines: 1, odd: false, fault };
}

function csvFinder(delimiter: number): (data: Buffer, start: number, last: boolean) => Found {
  return (data, start, last) => {
    let fields = 1;
    let lines = 1;
    let at = start;
    let odd = false;
    let fieldStart = true;
    for (; at < data.length; at += 1) {
      const byte = data[at];
      if (byte === delimiter) {
        fields += 1;
        fieldStart = true;
        continue;
      }
      if (byte === LF) break;
      if (byte === QUOTE && fieldStart) {
        const close = closingQuote(data, at + 1, last);
        if (close === UNFINISHED && at - start < MAX_RECORD_BYTES && data.length - start <= MAX_RECORD_BYTES) {
          return { next: -1, end: 0, fields, lines, odd, fault: null };
        }
        const after = close < 0 ? undefined : data[close + 1];
        const sound =
          close >= 0 &&
          (after === delimiter || after === LF || after === undefined || (after === CR && crEnds(data, close + 1)));
        if (!sound) return findLine(data, start, last, REASON.MALFORMED_QUOTES);
        for (let i = data.indexOf(LF, at); i >= 0 && i < close; i = data.indexOf(LF, i + 1)) lines += 1;
        if (hasLoneReturn(data, at, close)) odd = true;
        at = close;
      } else if (byte === QUOTE) odd = true;
      else if (byte === CR && at + 1 < data.length && data[at + 1] !== LF) odd = true;
      fieldStart = false;
    }
    if (at >= data.length && !last) return { next: -1, end: 0, fields, lines, odd, fault: null };
    const end = at > start && data[at - 1] === CR ? at - 1 : at;
    return { next: Math.min(at + 1, data.length), end, fields, lines, odd, fault: null };
  };
}

function hasLoneReturn(data: Buffer, from: number, until: number): boolean {
  for (let at = data.indexOf(CR, from); at >= 0 && at < until; at = data.indexOf(CR, at + 1)) {
    if (data[at + 1] !== LF) return true;
  }
  return false;
}

const UNFINISHED = -1;
const NEVER = -2;

function crEnds(data: Buffer, at: number): boolean {
  return at + 1 >= data.length || data[at + 1] === LF;
}

/** Index of the quote that closes a field; UNFINISHED when more bytes are needed to tell, NEVER at the end of the file. */
function closingQuote(data: Buffer, from: number, last: boolean): number {
  let close = data.indexOf(QUOTE, from);
  while (close >= 0 && data[close + 1] === QUOTE) close = data.indexOf(QUOTE, close + 2);
  if (close < 0) return last ? NEVER : UNFINISHED;
  // A quote at the very end of a chunk may be the first of two.
  return close + 1 >= data.length && !last ? UNFINISHED : close;
}
