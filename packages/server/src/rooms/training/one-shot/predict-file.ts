import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { columnFromValues, columnOf, createTable, isPresent, type Table } from '@fairlead/frame';
import { createInferenceHost } from '../../../platform/inference/index.js';
import { type StreamVerdict, streamFile } from '../../data/index.js';
import { answerTable, type ModelAnswers } from '../model-scorer.js';
import { trainingErrors } from '../training-errors.js';
import type { ModelSignature } from '../training-types.js';
import { answerColumns } from './answer-columns.js';
import { openAnswerWriter } from './answer-writer.js';
import { exampleTensors } from './example-tensors.js';
import { gapNotes } from './gap-notes.js';
import { readPackage } from './read-package.js';
import { openWhole } from './whole-file.js';
import { withOneFile } from './with-one-file.js';

export interface ProbeLimits {
  readonly probeTimeoutMs: number;
  readonly probeMemoryBytes: number;
}

export interface PredictFileOptions {
  readonly model: string;
  readonly path: string;
  readonly out: string;
  readonly format?: 'csv' | 'jsonl' | 'parquet';
  /** Columns of the data that are written beside the answers, as text. */
  readonly keep?: readonly string[];
  /** Default: the cores. */
  readonly threads?: number;
  /** How far a strange model may go while it is tried. */
  readonly probe?: ProbeLimits;
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

/** Read as one piece from the lake, scored and written before the next: as many as are sorted together. */
const BATCH_ROWS = 65_536;

/**
 * Answers for every row of a file, in its order, written as they come: neither file needs to fit into memory.
 *
 * @throws TRN_MODEL_UNREADABLE, TRN_NO_SIGNATURE, TRN_COLUMNS_MISSING, TRN_INPUT_KIND, TRN_ANSWER_NOT_FINITE,
 *   TRN_FILE_UNWRITABLE, INF_EXTERNAL_*, what reading the data and loading the model throw
 */
export function predictFile(options: PredictFileOptions): Promise<PredictFileResult> {
  return withOneFile(resolve(options.model), (file) => predictWith(file, options));
}

async function predictWith(file: string, options: PredictFileOptions): Promise<PredictFileResult> {
  const { model: modelPath, path, keep = [], format, signal, progress } = options;
  const target = await openWhole(resolve(options.out), [resolve(modelPath), resolve(path)]);
  const { digest, signature } = await readPackage(file);
  if (signature === null) {
    throw trainingErrors.TRN_NO_SIGNATURE(`${modelPath} carries no fairlead.signature.`, { data: { modelPath } });
  }
  const workers = options.threads ?? availableParallelism();
  const inference = createInferenceHost({ workers, ...options.probe });
  const answers = await openAnswerWriter(target);
  try {
    const goldenInputs = exampleTensors(signature.inputs);
    const model = await inference.load({ path: file, digest, goldenInputs });
    const tally = new AnswerTally(signature);
    let columns: string[] = [];
    const write = async (kept: Table, found: ModelAnswers, rowCount: number) => {
      const written = answerColumns(kept, found, { signature, rowCount });
      columns = [...written.columns.keys()];
      await answers.write(written);
    };
    const verdict = await streamFile(resolve(path), {
      ...(format && { format }),
      ...(signal && { signal }),
      columns: readColumns(signature),
      texts: keep,
      batchRows: BATCH_ROWS,
      onBatch: async (table, texts) => {
        const found = await answerTable(model, { signature, table, parallel: workers, ...(signal && { signal }) });
        refuseNotFinite(found.values, { signature, table, rowsBefore: tally.rows });
        tally.look(table, found.decisions);
        await write(texts, found, table.rowCount);
        progress?.(tally.rows);
      },
    });
    refuse(verdict, path);
    if (tally.rows === 0) await write(emptyTable(keep), NO_ANSWERS, 0);
    await answers.finish();
    const notes = [...gapNotes(verdict.gaps), ...tally.notes()];
    if (tally.rows === 0) notes.push(`${path} holds no rows, so the answers are a header and nothing else.`);
    return { rows: tally.rows, out: target.path, columns, counts: tally.counts(), notes };
  } catch (error) {
    await answers.discard();
    throw error;
  } finally {
    await inference.close();
  }
}

function readColumns({ inputs }: ModelSignature) {
  return Object.fromEntries(
    inputs.map(({ name, type }) => [name, { type: type === 'integer' ? ('number' as const) : type }] as const),
  );
}

const NO_ANSWERS = { values: new Float64Array(0), decisions: [] };

const emptyTable = (names: readonly string[]) =>
  createTable(names.map((name) => [name, columnFromValues('string', [])] as const));

function refuse(verdict: StreamVerdict, path: string): asserts verdict is StreamVerdict & { outcome: 'streamed' } {
  if (verdict.outcome === 'columns-missing') {
    const names = verdict.columns.join(', ');
    throw trainingErrors.TRN_COLUMNS_MISSING(`${path} lacks the columns ${names}.`, {
      data: { path, columns: verdict.columns },
    });
  }
  if (verdict.outcome === 'streamed') return;
  const { faultyRows, rows, sample } = verdict;
  const [first] = sample;
  const why = first ? `; line ${first.line}: ${first.reasons.map(({ message }) => message).join('; ')}` : '';
  throw trainingErrors.TRN_INPUT_KIND(
    `${faultyRows} of ${rows} rows of ${path} are not of the types that the model reads${why}.`,
    { data: { path, faultyRows, line: first?.line ?? null, reasons: first?.reasons ?? [] } },
  );
}

/** An infinite answer comes from a number beyond the range of Float32, so that number is named. */
function refuseNotFinite(
  values: Float64Array,
  { signature, table, rowsBefore }: { signature: ModelSignature; table: Table; rowsBefore: number },
): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const at = Math.floor((bad * table.rowCount) / values.length);
  const row = rowsBefore + at + 1;
  const huge = signature.inputs.flatMap(({ name }) => {
    const column = columnOf(table, name);
    const value = column.kind === 'float64' && isPresent(column.validity, at) ? (column.values[at] as number) : 0;
    return Number.isFinite(Math.fround(value)) ? [] : [`${name} is ${value}`];
  });
  const why = huge.length === 0 ? '' : `: ${huge.join(', ')}, which Float32 cannot hold`;
  throw trainingErrors.TRN_ANSWER_NOT_FINITE(`The answer to row ${row} is not a finite number${why}.`, {
    data: { row, cells: huge },
  });
}

/** What was answered how often; texts that training never saw are answered like any other, but said. */
class AnswerTally {
  readonly #known: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #strangers = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  rows = 0;

  constructor({ inputs }: ModelSignature) {
    this.#known = new Map(
      inputs.flatMap(({ name, categories }) => (categories ? [[name, new Set(categories)] as const] : [])),
    );
  }

  look(table: Table, decisions: readonly string[]): void {
    this.rows += table.rowCount;
    for (const decision of decisions) this.#counts.set(decision, (this.#counts.get(decision) ?? 0) + 1);
    for (const [name, known] of this.#known) {
      const column = table.columns.get(name);
      if (column?.kind !== 'string') continue;
      const isKnown = column.dictionary.map((text) => known.has(text));
      let strangers = 0;
      for (let row = 0; row < column.codes.length; row += 1) {
        if (isPresent(column.validity, row) && !isKnown[column.codes[row] as number]) strangers += 1;
      }
      if (strangers > 0) this.#strangers.set(name, (this.#strangers.get(name) ?? 0) + strangers);
    }
  }

  counts(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort());
  }

  notes(): string[] {
    return [...this.#strangers].map(([name, rows]) => `${rows} rows hold a ${name} that training never saw.`);
  }
}
