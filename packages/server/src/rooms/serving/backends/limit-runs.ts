import { inferenceErrors, type LoadedModel } from '../../../platform/inference/index.js';

export interface RunLimits {
  /** Runs at once. */
  readonly concurrency: number;
  /** Runs that may wait beyond those; more get INF_OVERLOADED. */
  readonly maxQueue: number;
}

/**
 * The model with at most so many runs at once, wherever it computes: what one endpoint may take of the threads that all models
 * share. Runs begin in the order in which they came; what they wait is part of their `queueNs`.
 */
export function limitRuns(model: LoadedModel, { concurrency, maxQueue }: RunLimits): LoadedModel {
  const line: (() => void)[] = [];
  let running = 0;
  const begin = (): Promise<void> | undefined => {
    if (running < concurrency) {
      running += 1;
      return undefined;
    }
    if (line.length >= maxQueue) {
      throw inferenceErrors.INF_OVERLOADED(
        `${running} runs of this model are under way and ${line.length} wait already.`,
        { data: { digest: model.digest, queued: line.length, retryAfterSeconds: 1 } },
      );
    }
    return new Promise((resolve) => line.push(resolve));
  };
  const end = () => {
    const next = line.shift();
    // Who waits longest takes the place over.
    if (next === undefined) running -= 1;
    else next();
  };
  const run: LoadedModel['run'] = async (inputs, options) => {
    const calledNs = process.hrtime.bigint();
    await begin();
    try {
      options?.signal?.throwIfAborted();
      const waitedNs = Number(process.hrtime.bigint() - calledNs);
      const result = await model.run(inputs, options);
      return { ...result, queueNs: result.queueNs + waitedNs };
    } finally {
      end();
    }
  };
  return Object.freeze({ ...model, lanes: Math.min(model.lanes, concurrency), run });
}
