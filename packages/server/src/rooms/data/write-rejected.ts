import { cellAt, columnOf, type Table } from '@fairlead/frame';
import { throwIfAborted } from '@fairlead/kernel';
import type { LakeSession } from '../../platform/lake/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import { text } from './cell-sql-rules.js';
import type { EffectiveContract } from './contract-rules.js';
import { type PreparedFile, rawText, rescanOptions } from './prepare-files.js';
import type { QuarantineWriter } from './quarantine-writer.js';
import { brokenRules, cellReader, describeReasons } from './reason-text-rules.js';
import { scanRecords } from './record-scanner.js';
import type { CompiledScan } from './scan-rules.js';

const PAGE_ROWS = 10_000;

export interface RejectedInput {
  readonly lake: LakeSession;
  readonly objects: ObjectStore;
  readonly quarantine: QuarantineWriter;
  readonly files: readonly PreparedFile[];
  readonly contract: EffectiveContract;
  readonly scan: CompiledScan;
  /** A refused delivery puts every row into quarantine. */
  readonly everyRow: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Writes the rows that DuckDB found wanting, with their exact bytes and lines: the masks come from the scan, the raw text
 * from a second pass over the source, so the scan itself need not carry it.
 */
export async function writeRejected(input: RejectedInput): Promise<void> {
  for (const [index, file] of input.files.entries()) {
    throwIfAborted(input.signal);
    if (file.format === 'parquet') await fromParquet(input, file, index);
    else await fromText(input, file, index);
  }
  await input.quarantine.flush();
}

function selection({ scan, everyRow }: RejectedInput, index: number): string {
  return `__file = ${index}${everyRow ? '' : ` and not (${scan.clean})`}`;
}

async function fromText(input: RejectedInput, file: PreparedFile, index: number): Promise<void> {
  const { lake, scan } = input;
  const columns = ['__row', ...scan.masks].join(', ');
  const wanted = await lake.query(`select ${columns} from scanned where ${selection(input, index)} order by __row`);
  if (wanted.rowCount === 0) return;
  const row = rowReader(wanted, input);
  const numberOf = (at: number) => Number(cellAt(columnOf(wanted, '__row'), at));
  let record = -1;
  let next = 0;
  let header = file.format === 'csv';
  const stream = await input.objects.readStream(file.digest);
  const source = {
    format: file.format,
    delimiter: file.readable.delimiter,
    header: file.readable.columns.map(({ name }) => name),
  };
  try {
    const options = { ...rescanOptions(file, input.signal), afterChunk: () => input.quarantine.flush() };
    await scanRecords(stream, options, ({ bytes, line, fault }) => {
      if (header || fault !== null) {
        header = false;
        return;
      }
      record += 1;
      if (next >= wanted.rowCount || record !== numberOf(next)) return;
      const raw = rawText(bytes);
      const reasons = row(next, cellReader(raw, source));
      input.quarantine.add({ line, file: file.name, reasons, raw });
      next += 1;
    });
  } finally {
    stream.destroy();
  }
}

async function fromParquet(input: RejectedInput, file: PreparedFile, index: number): Promise<void> {
  const masks = input.scan.masks.map((mask) => `s.${mask}`).join(', ');
  const source = `(select file_row_number as __at, to_json(struct_pack(${file.readable.columns
    .map(({ name }) => `${quoted(name)} := ${quoted(name)}`)
    .join(', ')}))::varchar as __raw from read_parquet(${text(file.readable.path)}, file_row_number = true))`;
  for (let last = -1; ; ) {
    const page = await input.lake.query(
      `select s.__row, ${masks}, p.__raw from (select * from scanned where ${selection(input, index)} and __row > ${last} order by __row limit ${PAGE_ROWS}) s join ${source} p on p.__at = s.__row order by s.__row`,
    );
    if (page.rowCount === 0) return;
    const row = rowReader(page, input);
    for (let at = 0; at < page.rowCount; at += 1) {
      const raw = String(cellAt(columnOf(page, '__raw'), at));
      last = Number(cellAt(columnOf(page, '__row'), at));
      const reasons = row(at, cellReader(raw, { format: 'parquet', header: [] }));
      input.quarantine.add({ line: last + 1, file: file.name, reasons, raw });
    }
    await input.quarantine.flush();
    throwIfAborted(input.signal);
  }
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

function rowReader(table: Table, { scan, contract }: RejectedInput) {
  const masks = scan.masks.map((mask) => columnOf(table, mask));
  return (at: number, cell: (source: string) => string) => {
    const broken = brokenRules(
      scan.rules,
      masks.map((mask) => Number(cellAt(mask, at))),
    );
    return describeReasons(broken, (column) => cell(contract.columns[column]?.from ?? column));
  };
}
