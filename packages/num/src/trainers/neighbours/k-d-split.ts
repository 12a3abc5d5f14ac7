/** What a span of points is halved by: its rows, and the value of each in the same place. */
export interface SplitSpan {
  readonly rows: Int32Array;
  readonly keys: Float32Array;
}

/** Below this many a span is sorted by insertion. */
const FEW = 16;

/**
 * Puts the `middle − start` smallest of [start, end) before `middle`, where equal values count in order of row: quickselect
 * with the median of three (Hoare 1961), O(n) where a sort is O(n log n). The three come from a scrambled sequence, so that no
 * order of the data makes the halves lopsided time after time. The halves do not depend on the
 * order that the rows come in; their inner order does.
 */
export function selectHalf({ rows, keys }: SplitSpan, start: number, end: number, middle: number): void {
  let low = start;
  let high = end - 1;
  let state = end - start;
  while (high - low >= FEW) {
    const span = high - low + 1;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const [a, b] = [low + (state % span), low + ((state >>> 8) % span)];
    const pivot = middleOf({ rows, keys }, a, b, (low + high) >> 1);
    const key = keys[pivot];
    const row = rows[pivot];
    let i = low;
    let j = high;
    while (i <= j) {
      while (keys[i] < key || (keys[i] === key && rows[i] < row)) i++;
      while (keys[j] > key || (keys[j] === key && rows[j] > row)) j--;
      if (i > j) break;
      swap(rows, keys, i++, j--);
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
  for (let i = low + 1; i <= high; i++) {
    const key = keys[i];
    const row = rows[i];
    let at = i;
    for (; at > low && (keys[at - 1] > key || (keys[at - 1] === key && rows[at - 1] > row)); at--) {
      keys[at] = keys[at - 1];
      rows[at] = rows[at - 1];
    }
    keys[at] = key;
    rows[at] = row;
  }
}

/** Which of three places holds the middle value. */
function middleOf({ rows, keys }: SplitSpan, a: number, b: number, c: number): number {
  const before = (i: number, j: number) => keys[i] < keys[j] || (keys[i] === keys[j] && rows[i] < rows[j]);
  const [least, greatest] = before(a, b) ? [a, b] : [b, a];
  return before(c, least) ? least : before(c, greatest) ? c : greatest;
}

function swap(rows: Int32Array, keys: Float32Array, i: number, j: number): void {
  const row = rows[i];
  rows[i] = rows[j];
  rows[j] = row;
  const key = keys[i];
  keys[i] = keys[j];
  keys[j] = key;
}
