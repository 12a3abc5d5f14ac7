import { columnOf, type Table } from '@fairlead/frame';
import { similarRows } from '@fairlead/num';
import type { InferenceHost, LoadedModel, NamedTensor } from '../../platform/inference/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import { tensorsOfTable } from './table-tensors.js';
import { trainingErrors } from './training-errors.js';
import type { ModelSignature } from './training-types.js';

export interface ModelScores {
  /** Row-major, rows × labels. */
  readonly probabilities: Float64Array;
  /** The label that the package itself gives. */
  readonly labels: readonly string[];
}

/** What a packaged model of any task says. */
export interface ModelAnswers {
  /** Row-major: probabilities, one value, distances or one score per row. */
  readonly values: Float64Array;
  /** Per row the label, the number of the cluster, or '1' for an anomaly; empty for a regression. */
  readonly decisions: readonly string[];
}

export interface ScoreRequest {
  readonly digest: string;
  /** A file with these bytes; default: that of the object store. */
  readonly path?: string;
  readonly signature: ModelSignature;
  readonly table: Table;
  readonly signal?: AbortSignal;
}

export interface ModelScorer {
  /**
   * Runs a packaged model over the rows of a table. The model is freed when nobody scores with it any more, unless
   * somebody else had loaded it before.
   *
   * @throws TRN_INPUT_KIND, FRAME_COLUMN_NOT_FOUND, OBJ_NOT_FOUND, what the inference host throws, or the signal's reason
   */
  score(request: ScoreRequest): Promise<ModelScores>;
  /** As `score`, for a model of any task. */
  answer(request: ScoreRequest): Promise<ModelAnswers>;
}

/** Larger batches gain nothing and hold the inference thread for longer. */
const BATCH_ROWS = 4096;

/** Scores through `inference`, which should be a host of its own: the one that serves must not queue behind tables. */
export function createModelScorer(deps: {
  inference: InferenceHost;
  objects: Pick<ObjectStore, 'localPath'>;
}): ModelScorer {
  const { inference, objects } = deps;
  const users = new Map<string, number>();
  const foreign = new Set<string>();

  const borrow = async ({ digest, path }: ScoreRequest): Promise<LoadedModel> => {
    const before = users.get(digest) ?? 0;
    users.set(digest, before + 1);
    const loaded = inference.loaded().some((model) => model.digest === digest);
    if (before === 0 && loaded) foreign.add(digest);
    return inference.load({ path: path ?? (await objects.localPath(digest)), digest });
  };
  const giveBack = async (digest: string): Promise<void> => {
    const left = (users.get(digest) ?? 1) - 1;
    if (left > 0) {
      users.set(digest, left);
      return;
    }
    users.delete(digest);
    if (!foreign.delete(digest)) await inference.unload(digest);
  };

  const answer = async (request: ScoreRequest): Promise<ModelAnswers> => {
    try {
      return await answerTable(await borrow(request), request);
    } finally {
      await giveBack(request.digest);
    }
  };
  return {
    answer,
    score: async (request) => {
      const { values, decisions } = await answer(request);
      return { probabilities: values, labels: decisions };
    },
  };
}

/** Names of what a package says, by its task: the numbers, and what was decided by them. */
const OUTPUTS = {
  classification: ['probabilities', 'label'],
  regression: ['prediction', null],
  clustering: ['distances', 'cluster'],
  anomaly: ['score', 'anomaly'],
} as const;

/** Rows that are sorted together. */
const SORTED_ROWS = 65_536;

/**
 * Runs a loaded model over a table in batches, `parallel` of them at a time (default 1). A batch holds rows that resemble
 * each other, from wherever they stand: trees answer those two to three times sooner. Throws what
 * {@link ModelScorer.score} throws.
 */
export async function answerTable(
  model: LoadedModel,
  {
    signature,
    table,
    signal,
    parallel = 1,
  }: Pick<ScoreRequest, 'signature' | 'table' | 'signal'> & { parallel?: number },
): Promise<ModelAnswers> {
  const [numbers, decided] = OUTPUTS[signature.task];
  const wanted = decided === null ? [numbers] : [numbers, decided];
  let values: Float64Array | undefined;
  const decisions = new Array<string>(decided === null ? 0 : table.rowCount).fill('');
  const order = inputOrder(signature, table);
  const answerRows = async (from: number): Promise<void> => {
    const rows = order.subarray(from, from + BATCH_ROWS);
    const { outputs } = await model.run(tensorsOfTable(signature.inputs, table, rows), {
      outputs: wanted,
      transferInputs: true,
      ...(signal && { signal }),
    });
    checkAnswers(signature, outputs, rows.length);
    for (const { name, data } of outputs) {
      if (name === numbers) {
        const width = data.length / rows.length;
        values ??= new Float64Array(table.rowCount * width);
        scatter(data as Float32Array, rows, { width, values });
      } else for (let i = 0; i < rows.length; i += 1) decisions[rows[i] as number] = String(data[i]);
    }
  };
  let next = 0;
  const work = async (): Promise<void> => {
    for (let from = next; from < table.rowCount; from = next) {
      next += BATCH_ROWS;
      await answerRows(from);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return { values: values ?? new Float64Array(0), decisions };
}

/**
 * A file that was made elsewhere may say one thing in its signature and do another.
 *
 * @throws TRN_ANSWER_SHAPE
 */
export function checkAnswers(
  { task, labels }: ModelSignature,
  outputs: readonly Pick<NamedTensor, 'name' | 'data'>[],
  rows: number,
): void {
  const [numbers, decided] = OUTPUTS[task];
  for (const { name, data } of outputs) {
    if (name !== numbers && name !== decided) continue;
    const widths = { classification: labels.length, regression: 1, anomaly: 1, clustering: data.length / rows };
    const width = name === numbers ? widths[task] : 1;
    if (data.length === rows * width && Number.isInteger(width)) continue;
    throw trainingErrors.TRN_ANSWER_SHAPE(`The model gives ${data.length} values as ${name} for ${rows} rows.`, {
      data: { output: name, length: data.length, rows, width },
    });
  }
}

/** All rows of the table; in one batch they stay as they are. */
function inputOrder({ inputs }: ModelSignature, table: Table): Uint32Array {
  const { rowCount } = table;
  const order = Uint32Array.from({ length: rowCount }, (_, row) => row);
  if (rowCount <= BATCH_ROWS) return order;
  const columns = inputs.map(({ name }) => {
    const column = columnOf(table, name);
    return column.kind === 'string' ? column.codes : column.values;
  });
  for (let from = 0; from < rowCount; from += SORTED_ROWS) {
    order.set(similarRows(columns, from, Math.min(rowCount, from + SORTED_ROWS)), from);
  }
  return order;
}

function scatter(
  data: Float32Array,
  rows: Uint32Array,
  { width, values }: { width: number; values: Float64Array },
): void {
  for (let i = 0; i < rows.length; i += 1) {
    const at = (rows[i] as number) * width;
    for (let k = 0; k < width; k += 1) values[at + k] = data[i * width + k] as number;
  }
}
