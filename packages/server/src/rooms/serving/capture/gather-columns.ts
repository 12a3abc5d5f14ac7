import type { ParquetColumn } from '../../../platform/lake/index.js';
import { type Block, REQUEST_CELLS, REQUEST_WIDTH, ROW_WIDTH } from './segment-block.js';

type Texts = Extract<ParquetColumn, { kind: 'text' }>;

// Columns of a whole segment from the rows of its blocks. Loops over arrays and no call per cell: a segment has half a million.

/** Cells per row. */
export const widthOf = ({ header }: Block): number => ROW_WIDTH + Object.keys(header.source.kinds).length;

export const countRows = (blocks: readonly Block[]): number => blocks.reduce((sum, { header }) => sum + header.rows, 0);

/** A cell of each row's request. */
export function requestNumbers(blocks: readonly Block[], cell: number): Float64Array {
  const values = new Float64Array(countRows(blocks));
  eachRequest(blocks, (from, until, { requests }, request) => {
    values.fill(requests[request + cell] as number, from, until);
  });
  return values;
}

/** As {@link requestNumbers}, through `codeOf`. */
export function requestCodes(blocks: readonly Block[], codeOf: (block: Block, request: number) => number): Int32Array {
  const codes = new Int32Array(countRows(blocks));
  eachRequest(blocks, (from, until, block, request) => {
    codes.fill(codeOf(block, request), from, until);
  });
  return codes;
}

/** Each row's place in its request. */
export function placesInRequests(blocks: readonly Block[]): Int32Array {
  const places = new Int32Array(countRows(blocks));
  eachRequest(blocks, (from, until) => {
    for (let row = from; row < until; row += 1) places[row] = row - from;
  });
  return places;
}

/** A cell of each row; NaN in blocks that have none, where `cellOf` gives -1. */
export function rowNumbers(blocks: readonly Block[], cellOf: (block: Block) => number): Float64Array {
  const values = new Float64Array(countRows(blocks)).fill(Number.NaN);
  let at = 0;
  for (const block of blocks) {
    const { rows, header } = block;
    const width = widthOf(block);
    const cell = cellOf(block);
    if (cell >= 0) for (let row = 0; row < header.rows; row += 1) values[at + row] = rows[row * width + cell] as number;
    at += header.rows;
  }
  return values;
}

/** The text that a cell of each row stands for, as `textOf` gives it; NaN stands for none. */
export function rowTexts(
  blocks: readonly Block[],
  cellOf: (block: Block) => number,
  textOf: (block: Block, cell: number) => string = ({ header }, cell) => header.texts[cell] as string,
): Texts {
  const cells = rowNumbers(blocks, cellOf);
  const codes = new Int32Array(cells.length).fill(-1);
  const known = new Map<string, number>();
  let at = 0;
  for (const block of blocks) {
    const until = at + block.header.rows;
    for (; at < until; at += 1) {
      const cell = cells[at] as number;
      if (Number.isNaN(cell)) continue;
      const text = textOf(block, cell);
      let code = known.get(text);
      if (code === undefined) {
        code = known.size;
        known.set(text, code);
      }
      codes[at] = code;
    }
  }
  return { kind: 'text', dictionary: [...known.keys()], codes };
}

function eachRequest(
  blocks: readonly Block[],
  visit: (from: number, until: number, block: Block, request: number) => void,
): void {
  let from = 0;
  for (const block of blocks) {
    const cells = block.header.requests * REQUEST_WIDTH;
    for (let request = 0; request < cells; request += REQUEST_WIDTH) {
      const until = from + (block.requests[request + REQUEST_CELLS.rows] as number);
      visit(from, until, block, request);
      from = until;
    }
  }
}
