import type { CapturedRow } from '../serving-types.js';
import { widthOf } from './gather-columns.js';
import { type Block, REQUEST_CELLS, REQUEST_WIDTH, type RequestFacts, ROW_CELLS, ROW_WIDTH } from './segment-block.js';

type Inputs = Record<string, CapturedRow['inputs'][string]>;

/** Calls with each row's number, the first cell of its request and its place in the request. */
function forEachRow(
  { header, requests }: Block,
  visit: (row: number, request: number, inRequest: number) => void,
): void {
  let row = 0;
  for (let request = 0; request < header.requests * REQUEST_WIDTH; request += REQUEST_WIDTH) {
    const count = requests[request + REQUEST_CELLS.rows] as number;
    for (let i = 0; i < count; i += 1) visit(row++, request, i);
  }
}

/** The id that joins a row with its truth later: the caller's own, or the request's with the row's place. */
export function idsOf(block: Block, { shadows = false }: { shadows?: boolean } = {}): string[] {
  const { header, requests, rows } = block;
  const width = widthOf(block);
  const ids: string[] = [];
  forEachRow(block, (row, request, inRequest) => {
    if (!shadows && factsOf(block, request).shadow) return;
    const own = rows[row * width + ROW_CELLS.id] as number;
    ids.push(
      Number.isNaN(own)
        ? `${header.texts[requests[request + REQUEST_CELLS.id] as number]}/${inRequest}`
        : (header.texts[own] as string),
    );
  });
  return ids;
}

/** The rows of a block in their order. */
export function rowsOf(block: Block): CapturedRow[] {
  const { header, requests, rows } = block;
  const { endpoint, environment, deploymentId, model, version } = header.source;
  const width = widthOf(block);
  const ids = idsOf(block, { shadows: true });
  const inputs = inputsOf(block);
  const found: CapturedRow[] = [];
  forEachRow(block, (row, request) => {
    found.push({
      id: ids[row] as string,
      requestId: requestIdOf(block, row, request),
      atMs: requests[request + REQUEST_CELLS.atMs] as number,
      latencyMs: requests[request + REQUEST_CELLS.latencyMs] as number,
      queueMs: orNull(requests[request + REQUEST_CELLS.queueMs]),
      computeMs: orNull(requests[request + REQUEST_CELLS.computeMs]),
      label: textAt(block, row, ROW_CELLS.label) ?? null,
      probability: orNull(rows[row * width + ROW_CELLS.probability]),
      inputs: inputs[row] as Inputs,
      ...{ endpoint, environment, deploymentId, model, version },
      ...factsOf(block, request),
    });
  });
  return found;
}

/** The inputs of each row as they were sent. */
export function inputsOf(block: Block): Inputs[] {
  const { header, rows } = block;
  const columns = Object.entries(header.source.kinds);
  const width = widthOf(block);
  return Array.from({ length: header.rows }, (_, row) => {
    const inputs: Inputs = {};
    columns.forEach(([name, kind], i) => {
      const cell = rows[row * width + ROW_WIDTH + i] as number;
      if (Number.isNaN(cell)) return;
      inputs[name] = kind === 'float64' ? cell : kind === 'boolean' ? cell === 1 : (header.texts[cell] as string);
    });
    const rest = textAt(block, row, ROW_CELLS.rest);
    return rest === undefined ? inputs : { ...inputs, ...(JSON.parse(rest) as Inputs) };
  });
}

/** The text that a cell of a row stands for. */
const textAt = (block: Block, row: number, cell: number): string | undefined =>
  block.header.texts[block.rows[row * widthOf(block) + cell] as number];

const requestIdOf = ({ header, requests }: Block, _row: number, request: number): string =>
  header.texts[requests[request + REQUEST_CELLS.id] as number] as string;

const factsOf = ({ header, requests }: Block, request: number): RequestFacts =>
  header.facts[requests[request + REQUEST_CELLS.facts] as number] as RequestFacts;

const orNull = (cell: number | undefined) => (cell === undefined || Number.isNaN(cell) ? null : cell);
