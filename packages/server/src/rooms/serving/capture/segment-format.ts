import type { CapturedRow } from '../serving-types.js';
import type { CaptureBatch, InputKinds } from './capture-types.js';

export interface Segment {
  readonly rows: CapturedRow[];
  /** Column kinds by deployment. */
  readonly kinds: ReadonlyMap<string, InputKinds>;
  /** Lines that no row could be read from: the one a kill cut short. */
  readonly tornLines: number;
}

/** The line that says which typed columns the rows of a deployment get; once per deployment in each segment. */
export function kindsLine({ deploymentId, kinds }: CaptureBatch): string {
  return `${JSON.stringify({ deploymentId, kinds })}\n`;
}

export function rowLines(rows: readonly CapturedRow[]): string {
  let text = '';
  for (const row of rows) text += `${JSON.stringify(row)}\n`;
  return text;
}

export const NEWLINE = 0x0a;

/** Lines parsed in one turn of the event loop: about two milliseconds. */
const LINES_PER_TURN = 500;

/** Gives everybody who waits for the event loop a turn. */
export const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Reads a segment, also one whose last line is torn, a few lines per turn: requests are served in between. */
export async function parseSegment(bytes: Buffer): Promise<Segment> {
  const rows: CapturedRow[] = [];
  const kinds = new Map<string, InputKinds>();
  let tornLines = 0;
  let inTurn = 0;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    const value = end === start ? undefined : parseLine(bytes.toString('utf8', start, end));
    if (value === undefined) tornLines += end === start ? 0 : 1;
    else if ('kinds' in value) kinds.set(value.deploymentId, value.kinds);
    else rows.push(value);
    start = end + 1;
    inTurn += 1;
    if (inTurn % LINES_PER_TURN === 0) await nextTurn();
  }
  return { rows, kinds, tornLines };
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
