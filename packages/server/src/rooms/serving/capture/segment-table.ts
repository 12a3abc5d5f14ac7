import type { ParquetColumn } from '../../../platform/lake/index.js';
import { inputsOf } from './block-rows.js';
import type { InputKinds } from './capture-types.js';
import { countRows, placesInRequests, requestCodes, requestNumbers, rowNumbers, rowTexts } from './gather-columns.js';
import { type Block, REQUEST_CELLS, ROW_CELLS, ROW_WIDTH } from './segment-block.js';
import { INPUT, LINE, OF_REQUEST, OF_ROW, REST, SHARED, type SharedFacts } from './segment-columns.js';

type Columns = Map<string, ParquetColumn>;
type Texts = Extract<ParquetColumn, { kind: 'text' }>;
type MergedKinds = ReadonlyMap<string, InputKinds[string]>;

/**
 * The rows of a segment as columns: the facts, for each input of the signature a typed column `input_<name>`, empty where the cell
 * as sent was of another type, and `other_inputs` with what those do not hold. Where deployments disagree on the type of a column
 * it is text, and of names that differ only in their case one has a column, as SQL takes them for the same.
 */
export function segmentTable(blocks: readonly Block[]): Columns {
  const columns: Columns = new Map();
  const lines = new Float64Array(countRows(blocks));
  for (let line = 0; line < lines.length; line += 1) lines[line] = line;
  columns.set(LINE, { kind: 'double', values: lines });
  addIds(columns, blocks);
  addShared(columns, blocks);
  for (const member of Object.keys(OF_REQUEST) as (keyof typeof OF_REQUEST)[]) {
    columns.set(OF_REQUEST[member], { kind: 'double', values: requestNumbers(blocks, REQUEST_CELLS[member]) });
  }
  columns.set(
    OF_ROW.label,
    rowTexts(blocks, () => ROW_CELLS.label),
  );
  const probabilities = rowNumbers(blocks, () => ROW_CELLS.probability);
  columns.set(OF_ROW.probability, { kind: 'double', values: probabilities });
  addInputs(columns, blocks);
  return columns;
}

function addIds(columns: Columns, blocks: readonly Block[]): void {
  const dictionary: string[] = [];
  const codes = requestCodes(
    blocks,
    ({ header, requests }, request) =>
      dictionary.push(header.texts[requests[request + REQUEST_CELLS.id] as number] as string) - 1,
  );
  columns.set(OF_ROW.requestId, { kind: 'text', dictionary, codes });
  const own = rowTexts(blocks, () => ROW_CELLS.id);
  const places = placesInRequests(blocks);
  const ids = Array.from(places, (place, row) => {
    const code = own.codes[row] as number;
    return code >= 0 ? (own.dictionary[code] as string) : `${dictionary[codes[row] as number]}/${place}`;
  });
  columns.set(OF_ROW.id, { kind: 'text', dictionary: ids, codes: Int32Array.from(ids, (_, row) => row) });
}

/** Each row has one of few sets of facts. */
function addShared(columns: Columns, blocks: readonly Block[]): void {
  const places = new Map<string, number>();
  const sets: SharedFacts[] = [];
  const placeOf = (set: SharedFacts): number => {
    const key = JSON.stringify(set);
    const place = places.get(key) ?? sets.push(set) - 1;
    places.set(key, place);
    return place;
  };
  const ofBlock = new Map(
    blocks.map((block) => {
      const { kinds: _kinds, ...source } = block.header.source;
      return [block, block.header.facts.map((facts) => placeOf({ ...source, ...facts }))];
    }),
  );
  const rows = requestCodes(
    blocks,
    (block, request) => ofBlock.get(block)?.[block.requests[request + REQUEST_CELLS.facts] as number] as number,
  );
  for (const [member, name] of Object.entries(SHARED) as [keyof SharedFacts, string][]) {
    columns.set(
      name,
      factColumn(
        sets.map((set) => set[member]),
        rows,
      ),
    );
  }
}

/** A column of facts by the place of each row's set. */
function factColumn(facts: readonly (string | number | boolean | null)[], rows: Int32Array): ParquetColumn {
  const some = facts.find((fact) => fact !== null);
  if (typeof some === 'number' || typeof some === 'boolean') {
    const numbers = facts.map((fact) => (fact === null ? Number.NaN : Number(fact)));
    const values = new Float64Array(rows.length);
    for (let row = 0; row < rows.length; row += 1) values[row] = numbers[rows[row] as number] as number;
    return { kind: typeof some === 'number' ? 'double' : 'boolean', values };
  }
  const dictionary = [...new Set(facts.filter((fact) => typeof fact === 'string'))];
  const places = facts.map((fact) => dictionary.indexOf(fact as string));
  const codes = new Int32Array(rows.length);
  for (let row = 0; row < rows.length; row += 1) codes[row] = places[rows[row] as number] as number;
  return { kind: 'text', dictionary, codes };
}

function addInputs(columns: Columns, blocks: readonly Block[]): void {
  const merged = mergeKinds(blocks.map(({ header }) => header.source.kinds));
  for (const [name, kind] of merged) {
    const cells = new Map(blocks.map((block) => [block, Object.keys(block.header.source.kinds).indexOf(name)]));
    const cellOf = (block: Block) => {
      const place = cells.get(block) ?? -1;
      return place < 0 ? -1 : ROW_WIDTH + place;
    };
    columns.set(
      `${INPUT}${name}`,
      kind === 'string'
        ? rowTexts(blocks, cellOf, (block, cell) => asText(block, name, cell))
        : { kind: kind === 'boolean' ? 'boolean' : 'double', values: rowNumbers(blocks, cellOf) },
    );
  }
  columns.set(REST, restsOf(blocks, merged));
}

/** What the typed columns do not hold, with what they hold as something else than what was sent. */
function restsOf(blocks: readonly Block[], merged: MergedKinds): Texts {
  const otherwise = new Map(
    blocks.map(({ header: { source } }) => {
      const { kinds } = source;
      return [source, Object.keys(kinds).filter((name) => merged.get(name) !== kinds[name])];
    }),
  );
  const rests = rowTexts(blocks, () => ROW_CELLS.rest);
  if ([...otherwise.values()].every((names) => names.length === 0)) return rests;
  const dictionary: string[] = [];
  const codes = new Int32Array(rests.codes.length).fill(-1);
  let at = 0;
  for (const block of blocks) {
    const others = otherwise.get(block.header.source) ?? [];
    for (const inputs of inputsOf(block)) {
      const rest = JSON.parse(rests.dictionary[rests.codes[at] as number] ?? '{}');
      for (const name of others) if (Object.hasOwn(inputs, name)) rest[name] = inputs[name];
      if (Object.keys(rest).length > 0) codes[at] = dictionary.push(JSON.stringify(rest)) - 1;
      at += 1;
    }
  }
  return { kind: 'text', dictionary, codes };
}

function asText({ header }: Block, name: string, cell: number): string {
  const kind = header.source.kinds[name];
  if (kind === 'string') return header.texts[cell] as string;
  return String(kind === 'boolean' ? cell === 1 : cell);
}

function mergeKinds(all: readonly InputKinds[]): MergedKinds {
  const merged = new Map<string, InputKinds[string]>();
  const lower = new Set<string>();
  for (const [name, kind] of all.flatMap((kinds) => Object.entries(kinds))) {
    const present = merged.get(name);
    if (present !== undefined) {
      if (present !== kind) merged.set(name, 'string');
    } else if (!lower.has(name.toLowerCase())) {
      lower.add(name.toLowerCase());
      merged.set(name, kind);
    }
  }
  return merged;
}
