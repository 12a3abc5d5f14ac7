import { columnOf, isPresent, type StringColumn, type Table } from '@fairlead/frame';
import { MISSING_TIME } from '@fairlead/num';
import type { InferenceHost, LoadedModel, NamedTensor } from '../../platform/inference/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import { trainingErrors } from './training-errors.js';
import type { ModelInput, ModelSignature } from './training-types.js';

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

/** Runs a loaded model over a table in batches. Throws what {@link ModelScorer.score} throws. */
export async function answerTable(
  model: LoadedModel,
  { signature, table, signal }: Pick<ScoreRequest, 'signature' | 'table' | 'signal'>,
): Promise<ModelAnswers> {
  const [numbers, decided] = OUTPUTS[signature.task];
  const wanted = decided === null ? [numbers] : [numbers, decided];
  let values = new Float64Array(0);
  const decisions: string[] = [];
  for (let from = 0; from < table.rowCount; from += BATCH_ROWS) {
    const until = Math.min(from + BATCH_ROWS, table.rowCount);
    const { outputs } = await model.run(tensorsOf(signature.inputs, table, { from, until }), {
      outputs: wanted,
      ...(signal && { signal }),
    });
    for (const { name, data } of outputs) {
      if (name === numbers) {
        const width = data.length / (until - from);
        if (from === 0) values = new Float64Array(table.rowCount * width);
        values.set(data as Float32Array, from * width);
      } else for (const decision of data as readonly string[]) decisions.push(String(decision));
    }
  }
  return { values, decisions };
}

/** The rows [from, until) as a packaged model takes them: FP32 [n, 1] with NaN for missing, BYTES [n, 1] with ''. */
function tensorsOf(
  inputs: readonly ModelInput[],
  table: Table,
  { from, until }: { from: number; until: number },
): NamedTensor[] {
  const shape = [until - from, 1];
  return inputs.map(({ name, type }) => {
    const column = columnOf(table, name);
    if (type === 'string' && column.kind === 'string') {
      return { name, datatype: 'BYTES' as const, shape, data: textOf(column, from, until) };
    }
    if (column.kind === (type === 'boolean' ? 'boolean' : 'float64')) {
      return { name, datatype: 'FP32' as const, shape, data: numbersOf(column, from, until) };
    }
    if (type === 'timestamp' && column.kind === 'timestamp') {
      return { name, datatype: 'INT64' as const, shape, data: timesOf(column, from, until) };
    }
    throw trainingErrors.TRN_INPUT_KIND(`The model reads ${name} as ${type}, but the column is ${column.kind}.`, {
      data: { column: name, type, kind: column.kind },
    });
  });
}

function textOf(column: StringColumn, from: number, until: number): string[] {
  const out = new Array<string>(until - from).fill('');
  for (let row = from; row < until; row += 1) {
    if (isPresent(column.validity, row)) out[row - from] = column.dictionary[column.codes[row] as number] ?? '';
  }
  return out;
}

function timesOf(column: { values: Float64Array; validity?: Uint32Array }, from: number, until: number): BigInt64Array {
  const out = new BigInt64Array(until - from).fill(MISSING_TIME);
  for (let row = from; row < until; row += 1) {
    const epochMs = column.values[row] as number;
    if (isPresent(column.validity, row) && Number.isFinite(epochMs)) out[row - from] = BigInt(Math.floor(epochMs));
  }
  return out;
}

function numbersOf(
  column: { values: ArrayLike<number>; validity?: Uint32Array },
  from: number,
  until: number,
): Float32Array {
  const out = new Float32Array(until - from).fill(Number.NaN);
  for (let row = from; row < until; row += 1) {
    if (isPresent(column.validity, row)) out[row - from] = column.values[row] as number;
  }
  return out;
}
