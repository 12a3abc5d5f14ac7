import { resolve } from 'node:path';
import { isPresent, type Table } from '@fairlead/frame';
import { createInferenceHost, type LoadedModel } from '../../../platform/inference/index.js';
import { type OpenedFile, withFile } from '../../data/index.js';
import { answerTable } from '../model-scorer.js';
import { trainingErrors } from '../training-errors.js';
import type { ModelSignature } from '../training-types.js';
import { answerColumns } from './answer-columns.js';
import { openAnswerWriter } from './answer-writer.js';
import { readPackage } from './read-package.js';
import { openWhole, type WholeFile } from './whole-file.js';

export interface PredictFileOptions {
  readonly model: string;
  readonly path: string;
  readonly out: string;
  readonly format?: 'csv' | 'jsonl' | 'parquet';
  /** Columns of the data that are written beside the answers, as text. */
  readonly keep?: readonly string[];
  readonly signal?: AbortSignal;
  readonly progress?: (rows: number) => void;
}

export interface PredictFileResult {
  readonly rows: number;
  readonly out: string;
  readonly columns: readonly string[];
  /** Rows per decision; empty for a regression. */
  readonly counts: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

/** Read as one piece from the lake, scored and written before the next. */
const BATCH_ROWS = 32_768;

/**
 * Answers for every row of a file, in its order, written as they come: neither file needs to fit into memory.
 *
 * @throws TRN_MODEL_UNREADABLE, TRN_NO_SIGNATURE, TRN_COLUMNS_MISSING, TRN_INPUT_KIND, TRN_ANSWER_NOT_FINITE,
 *   TRN_FILE_UNWRITABLE, what reading the data and loading the model throw
 */
export async function predictFile(options: PredictFileOptions): Promise<PredictFileResult> {
  const { model: modelPath, path, keep = [], format, signal } = options;
  const target = await openWhole(resolve(options.out), [resolve(modelPath), resolve(path)]);
  const { digest, signature } = await readPackage(resolve(modelPath));
  if (signature === null) {
    throw trainingErrors.TRN_NO_SIGNATURE(`${modelPath} carries no fairlead.signature.`, { data: { modelPath } });
  }
  const inference = createInferenceHost({ workers: 1 });
  try {
    const model = await inference.load({ path: resolve(modelPath), digest });
    return await withFile(resolve(path), {
      ...(format && { format }),
      ...(signal && { signal }),
      columns: wantedColumns(signature, keep),
      use: (file) => predictRows(file, { model, signature, options, target }),
    });
  } finally {
    await inference.close();
  }
}

function wantedColumns(signature: ModelSignature, keep: readonly string[]) {
  const inputs = signature.inputs.map(
    ({ name, type }) => [name, { type: type === 'integer' ? 'number' : type }] as const,
  );
  const kept = keep.map((name) => [name, { type: 'string' }] as const);
  return Object.fromEntries([...kept, ...inputs]) as Record<
    string,
    { type: 'number' | 'boolean' | 'string' | 'timestamp' }
  >;
}

interface Work {
  readonly model: LoadedModel;
  readonly signature: ModelSignature;
  readonly options: PredictFileOptions;
  readonly target: WholeFile;
}

async function predictRows(file: OpenedFile, { model, signature, options, target }: Work): Promise<PredictFileResult> {
  refuseMissing(file, options);
  refuseFaulty(file, options);
  const unseen = new UnseenTexts(signature);
  const counts = new Map<string, number>();
  let rows = 0;
  if (file.parquetPath === null) throw trainingErrors.TRN_TOO_FEW_ROWS(`${options.path} holds no rows.`);
  const writer = await openAnswerWriter(target, { lake: file.lake, besides: file.parquetPath });
  let columns: string[] = [];
  try {
    await file.lake.walk(
      `select * from read_parquet('${file.parquetPath.replaceAll("'", "''")}')`,
      async (table) => {
        const answers = await answerTable(model, {
          ...{ signature, table },
          ...(options.signal && { signal: options.signal }),
        });
        const bad = answers.values.findIndex((value) => !Number.isFinite(value));
        if (bad >= 0) throw notFinite(rows + Math.floor((bad * table.rowCount) / answers.values.length));
        for (const decision of answers.decisions) counts.set(decision, (counts.get(decision) ?? 0) + 1);
        unseen.look(table);
        const written = answerColumns(table, answers, { signature, keep: options.keep ?? [] });
        columns = [...written.columns.keys()];
        await writer.write(written);
        rows += table.rowCount;
        options.progress?.(rows);
      },
      { batchRows: BATCH_ROWS, ...(options.signal && { signal: options.signal }) },
    );
    await writer.finish();
  } catch (error) {
    await writer.discard();
    throw error;
  }
  return { rows, out: target.path, columns, counts: Object.fromEntries([...counts].sort()), notes: unseen.notes() };
}

function refuseMissing({ checks }: OpenedFile, { path }: PredictFileOptions): void {
  const missing = checks.find(({ name, verdict }) => name === 'columns' && verdict === 'fail');
  if (missing === undefined) return;
  throw trainingErrors.TRN_COLUMNS_MISSING(`${path} lacks the columns ${missing.observed.replace(/^without /, '')}.`, {
    data: { path, observed: missing.observed },
  });
}

function refuseFaulty({ faultyRows, receivedRows, sample }: OpenedFile, { path }: PredictFileOptions): void {
  if (faultyRows === 0) return;
  const [first] = sample;
  const why = first ? `; line ${first.line}: ${first.reasons.map(({ message }) => message).join('; ')}` : '';
  throw trainingErrors.TRN_INPUT_KIND(
    `${faultyRows} of ${receivedRows} rows of ${path} are not of the types that the model reads${why}.`,
    { data: { path, faultyRows, line: first?.line ?? null, reasons: first?.reasons ?? [] } },
  );
}

function notFinite(row: number): Error {
  return trainingErrors.TRN_ANSWER_NOT_FINITE(`The answer to row ${row + 1} is not a finite number.`, {
    data: { row: row + 1 },
  });
}

/** Texts that training never saw are answered like any other row, but said. */
class UnseenTexts {
  readonly #known: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #rows = new Map<string, number>();

  constructor({ inputs }: ModelSignature) {
    this.#known = new Map(
      inputs.flatMap(({ name, categories }) => (categories ? [[name, new Set(categories)] as const] : [])),
    );
  }

  look(table: Table): void {
    for (const [name, known] of this.#known) {
      const column = table.columns.get(name);
      if (column?.kind !== 'string') continue;
      const isKnown = column.dictionary.map((text) => known.has(text));
      let strangers = 0;
      for (let row = 0; row < column.codes.length; row += 1) {
        if (isPresent(column.validity, row) && !isKnown[column.codes[row] as number]) strangers += 1;
      }
      if (strangers > 0) this.#rows.set(name, (this.#rows.get(name) ?? 0) + strangers);
    }
  }

  notes(): string[] {
    return [...this.#rows].map(([name, rows]) => `${rows} rows hold a ${name} that training never saw.`);
  }
}
