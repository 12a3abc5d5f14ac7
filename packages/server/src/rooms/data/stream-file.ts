import { rm } from 'node:fs/promises';
import { type Column, cellAt, columnOf, createTable, type Table } from '@fairlead/frame';
import { effectiveContract } from './contract-rules.js';
import { dataErrors } from './data-errors.js';
import type { ColumnSpec, QuarantinedRow, SourceFormat, WorkOptions } from './data-types.js';
import type { ColumnGaps } from './gap-rules.js';
import { type Workshop, withWorkshop } from './open-workshop.js';
import { type PreparedFile, prepareFile } from './prepare-files.js';
import { QuarantineWriter } from './quarantine-writer.js';
import { readQuarantineFile } from './read-quarantine.js';
import { type CompiledScan, compileScan, MASK_BITS } from './scan-rules.js';
import { writeRejected } from './write-rejected.js';

type Gaps = readonly Omit<ColumnGaps, 'example'>[];

export type StreamVerdict =
  | { readonly outcome: 'streamed'; readonly rows: number; readonly gaps: Gaps }
  | { readonly outcome: 'columns-missing'; readonly columns: readonly string[] }
  /** Some rows do not fit; the first of them in `sample`. Batches before the first may have been handed on. */
  | {
      readonly outcome: 'faulty';
      readonly rows: number;
      readonly faultyRows: number;
      readonly sample: QuarantinedRow[];
    };

export interface StreamOptions extends WorkOptions {
  readonly format?: SourceFormat;
  readonly columns: Readonly<Record<string, ColumnSpec>>;
  /** Rows of a part, about. */
  readonly batchRows: number;
  /** Columns whose cells are handed on as the text they have in the source. */
  readonly texts?: readonly string[];
  /** The declared columns of the next rows, in the order of the source, and the texts. Awaited before more is read. */
  readonly onBatch: (rows: Table, texts: Table) => Promise<void>;
}

const SAMPLE_ROWS = 20;

/**
 * Hands the rows of a file or folder on in parts, typed as declared, without ever holding more than a part: nothing is
 * stored but a copy of the source. Infinite numbers, NaN and words such as NA in columns of numbers are missing, and are
 * counted; any other cell that does not fit ends the stream, since every row must be accounted for.
 */
export function streamFile(path: string, options: StreamOptions): Promise<StreamVerdict> {
  return withWorkshop(path, options, async (workshop) => {
    const quarantine = new QuarantineWriter(workshop.objects);
    const files: PreparedFile[] = [];
    try {
      return await stream({ ...workshop, quarantine, files }, options);
    } finally {
      await quarantine.discard();
      for (const { cleanedPath } of files) if (cleanedPath !== null) await rm(cleanedPath, { force: true });
    }
  });
}

interface Work extends Workshop {
  readonly quarantine: QuarantineWriter;
  readonly files: PreparedFile[];
}

async function stream(work: Work, options: StreamOptions): Promise<StreamVerdict> {
  const { lake, objects, source, quarantine, files } = work;
  const { columns, texts = [], signal } = options;
  const { format } = source;
  const names = Object.keys(columns);
  const wanted = [...new Set([...names, ...texts])];
  await lake.session(async (session) => {
    for (const file of source.files) {
      files.push(await prepareFile({ objects, lake: session, quarantine, wanted }, file, { format, ...options }));
    }
  });
  const tables = files.filter((file) => file.format !== 'jsonl').map(({ readable }) => readable.columns);
  const absent = wanted.filter((name) => tables.some((table) => table.every((one) => one.name !== name)));
  if (absent.length > 0) return { outcome: 'columns-missing', columns: absent };
  const contract = effectiveContract({ source: { path: '' } }, columns, undefined);
  const readable = files.map((file) => file.readable);
  const input = { format, files: readable, contract, sourceColumns: wanted, whereColumns: [], texts };
  const scan = compileScan({ ...input, gaps: 'missing' });
  const records = files.reduce((sum, file) => sum + file.records, 0);
  const gaps = quarantine.rows > 0 ? null : await walk(lake, { scan, records, options });
  if (gaps !== null) return { outcome: 'streamed', rows: records, gaps };
  const broken = quarantine.rows;
  const faultyRows = broken + (await reportFaulty(work, { scan, contract, signal }));
  const digest = await quarantine.finish();
  const sample = digest === null ? [] : await readQuarantineFile(objects, digest, { limit: SAMPLE_ROWS, offset: 0 });
  return { outcome: 'faulty', rows: records + broken, faultyRows, sample };
}

/** The gaps that were met, or null when a row does not fit. */
async function walk(
  lake: Workshop['lake'],
  { scan, records, options }: { scan: CompiledScan; records: number; options: StreamOptions },
): Promise<Gaps | null> {
  const { columns, texts = [], batchRows, signal } = options;
  const counter = new BatchCounter(scan);
  const onBatch = async (rows: Table) => {
    if (!counter.take(rows)) throw FAULTY;
    const declared = Object.keys(columns).map((name) => [name, columnOf(rows, name)] as const);
    const raw = texts.map((name, i) => [name, columnOf(rows, `__t${i}`)] as const);
    await options.onBatch(createTable(declared), createTable(raw));
  };
  try {
    await lake.walk(scan.select, onBatch, { batchRows, ...(signal && { signal }) });
  } catch (error) {
    if (!counter.faulty) throw error;
    return null;
  }
  assertWhole(records, counter.rows);
  return counter.gaps();
}

const FAULTY = new Error('a row does not fit');

/** Counts the faulty rows, and writes the first of them to the quarantine with their lines and reasons. */
async function reportFaulty(
  { lake, objects, files, quarantine }: Work,
  {
    scan,
    contract,
    signal,
  }: { scan: CompiledScan; contract: ReturnType<typeof effectiveContract>; signal: AbortSignal | undefined },
): Promise<number> {
  return lake.session(async (session) => {
    const faulty = `select __file, __row, ${scan.masks.join(', ')} from (${scan.select}) where not (${scan.clean})`;
    const counted = await session.query(`select count(*) as faulty from (${faulty})`);
    await session.execute(
      `create or replace temp table scanned as ${faulty} order by __file, __row limit ${SAMPLE_ROWS}`,
    );
    await writeRejected({ lake: session, objects, quarantine, files, contract, scan, everyRow: false, signal });
    return Number(cellAt(columnOf(counted, 'faulty'), 0));
  });
}

/** Every record of the source must come out once and in order: a row that went astray would answer for its neighbour. */
class BatchCounter {
  readonly #scan: CompiledScan;
  readonly #gaps = new Map<string, number>();
  #file = 0;
  #next = 0;
  rows = 0;
  faulty = false;

  constructor(scan: CompiledScan) {
    this.#scan = scan;
  }

  /** False when a row of the part is faulty. */
  take(rows: Table): boolean {
    const { masks, gapColumns } = this.#scan;
    const at = (name: string) => numbersOf(columnOf(rows, name));
    const [fileOf, rowOf] = [at('__file'), at('__row')];
    for (let row = 0; row < rows.rowCount; row += 1) {
      if (fileOf[row] !== this.#file) [this.#file, this.#next] = [fileOf[row] as number, 0];
      if (rowOf[row] !== this.#next) throw astray(this.rows + row);
      this.#next += 1;
    }
    this.rows += rows.rowCount;
    this.faulty ||= masks.some((mask) => at(mask).some((bits) => bits !== 0));
    gapColumns.forEach((column, i) => {
      const bit = 2 ** (i % MASK_BITS);
      // A bit above 2³¹ cannot be told by `&`.
      const cells = at(`__g${Math.floor(i / MASK_BITS)}`).reduce((n, bits) => n + (Math.floor(bits / bit) % 2), 0);
      if (cells > 0) this.#gaps.set(column, (this.#gaps.get(column) ?? 0) + cells);
    });
    return !this.faulty;
  }

  gaps(): { column: string; cells: number }[] {
    return [...this.#gaps].map(([column, cells]) => ({ column, cells }));
  }
}

function numbersOf(column: Column): Float64Array {
  return column.kind === 'float64' ? column.values : new Float64Array(0);
}

function assertWhole(expected: number, observed: number): void {
  if (expected !== observed) throw astray(observed);
}

function astray(row: number): Error {
  return dataErrors.DATA_COUNT_MISMATCH(`The rows of the source do not come in their order at row ${row + 1}.`, {
    data: { row },
  });
}
