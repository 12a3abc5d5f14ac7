import type { CapturedRow } from '../serving-types.js';
import type { CaptureBatch, InputKinds } from './capture-types.js';

export interface Segment {
  /** Column kinds by deployment. */
  readonly kinds: ReadonlyMap<string, InputKinds>;
  /** Lines that hold a row, or half of one that a kill cut short. */
  readonly lines: number;
  readonly longestBytes: number;
}

/** How {@link kindsLine} begins, and no row. */
const KINDS_START = '{"deploymentId":';

/** The line that says which typed columns the rows of a deployment get; once per deployment in each segment. */
export function kindsLine({ deploymentId, kinds }: CaptureBatch): string {
  return `${JSON.stringify({ deploymentId, kinds })}\n`;
}

export const NEWLINE = 0x0a;

/** Gives everybody who waits for the event loop a turn. */
export const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * What a segment says beside its rows, which are not looked at: they are the engine's business, and parsing thousands of them here
 * would hold the event loop.
 */
export function readSegment(bytes: Buffer): Segment {
  const kinds = new Map<string, InputKinds>();
  let [lines, longestBytes] = [0, 0];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    const line =
      bytes.subarray(start, end).indexOf(KINDS_START) === 0 ? parseLine(bytes.toString('utf8', start, end)) : undefined;
    if (line !== undefined && 'kinds' in line) kinds.set(line.deploymentId, line.kinds);
    else if (end > start) lines += 1;
    longestBytes = Math.max(longestBytes, end - start);
    start = end + 1;
  }
  return { kinds, lines, longestBytes };
}

/** A row or a line of column kinds; undefined when the line is torn. */
export function parseLine(line: string): CapturedRow | { deploymentId: string; kinds: InputKinds } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as CapturedRow) : undefined;
  } catch {
    return undefined;
  }
}
