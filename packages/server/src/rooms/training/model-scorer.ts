import { columnOf, isPresent, type StringColumn, type Table } from '@fairlead/frame';
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

export interface ScoreRequest {
  readonly digest: string;
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
}

/** Larger batches gain nothing and hold the inference thread for longer. */
const BATCH_ROWS = 4096;

/** Scores through `inference`, which should be a host of its own: the one that serves must not queue behind tables. */
export function createModelScorer(deps: { inference: InferenceHost; objects: ObjectStore }): ModelScorer {
  const { inference, objects } = deps;
  const users = new Map<string, number>();
  const foreign = new Set<string>();

  const borrow = async (digest: string): Promise<LoadedModel> => {
    const before = users.get(digest) ?? 0;
    users.set(digest, before + 1);
    const loaded = inference.loaded().some((model) => model.digest === digest);
    if (before === 0 && loaded) foreign.add(digest);
    return inference.load({ path: await objects.localPath(digest), digest });
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

  return {
    score: async (request) => {
      try {
        return await scoreTable(await borrow(request.digest), request);
      } finally {
        await giveBack(request.digest);
      }
    },
  };
}

async function scoreTable(model: LoadedModel, { signature, table, signal }: ScoreRequest): Promise<ModelScores> {
  const width = signature.labels.length;
  const probabilities = new Float64Array(table.rowCount * width);
  const labels: string[] = [];
  for (let from = 0; from < table.rowCount; from += BATCH_ROWS) {
    const until = Math.min(from + BATCH_ROWS, table.rowCount);
    const { outputs } = await model.run(tensorsOf(signature.inputs, table, { from, until }), {
      outputs: ['label', 'probabilities'],
      ...(signal && { signal }),
    });
    for (const { name, data } of outputs) {
      if (name === 'probabilities') probabilities.set(data as Float32Array, from * width);
      else for (const label of data as readonly string[]) labels.push(String(label));
    }
  }
  return { probabilities, labels };
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
