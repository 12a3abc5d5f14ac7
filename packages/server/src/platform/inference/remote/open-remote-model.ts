import { checkInputs, checkOutputs } from '../check-inputs.js';
import { inferenceErrors } from '../inference-errors.js';
import type { LoadedModel } from '../inference-types.js';
import { ModelServerClient } from './call-server.js';
import type { ModelProtocol } from './model-protocol.js';

export interface RemoteModelOptions {
  readonly url: URL;
  readonly protocol: ModelProtocol;
  readonly allowPrivate: boolean;
  /** Of one call. */
  readonly timeoutMs: number;
  /** Calls at once. */
  readonly concurrency: number;
  /** Calls that may wait beyond those; more get INF_OVERLOADED. */
  readonly maxQueue: number;
  /** Of the model version it stands for; the server's bytes are not seen. */
  readonly digest: string;
}

export interface RemoteModel {
  readonly model: LoadedModel;
  /** Refuses new runs and lets accepted ones finish. */
  close(): Promise<void>;
}

/**
 * A model of another server, called over connections that stay open. It must be ready; what the protocol learns of it becomes
 * the description.
 *
 * @throws INF_REMOTE_FORBIDDEN, INF_REMOTE_UNREACHABLE, INF_REMOTE_NOT_READY, INF_REMOTE_ANSWER, INF_RUN_TIMEOUT
 */
export async function openRemoteModel(options: RemoteModelOptions): Promise<RemoteModel> {
  const startMs = performance.now();
  const { protocol, concurrency, maxQueue, digest } = options;
  const name = protocol.model;
  const client = new ModelServerClient({ ...options, connections: concurrency });
  try {
    const description = { digest, sizeBytes: 0, metadata: {}, ...(await protocol.describe(client)) };
    let underWay = 0;
    let closing = false;
    let idle: () => void = () => undefined;
    const run: LoadedModel['run'] = async (inputs, { outputs, signal } = {}) => {
      signal?.throwIfAborted();
      if (closing) throw inferenceErrors.INF_NOT_LOADED(`Model ${name} was unloaded.`);
      checkInputs(description, inputs);
      const wanted = checkOutputs(description, outputs);
      if (underWay >= concurrency + maxQueue) throw overloaded(name, underWay);
      underWay += 1;
      const calledNs = process.hrtime.bigint();
      try {
        const outputs = [...(await protocol.compute(client, inputs, wanted))];
        return { outputs, queueNs: 0, computeNs: Number(process.hrtime.bigint() - calledNs) };
      } finally {
        underWay -= 1;
        if (underWay === 0) idle();
      }
    };
    const loadMs = performance.now() - startMs;
    const model: LoadedModel = Object.freeze({ ...description, loadMs, placement: 'remote', lanes: concurrency, run });
    const close = async () => {
      closing = true;
      if (underWay > 0) {
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      }
      client.close();
    };
    return { model, close };
  } catch (error) {
    client.close();
    throw error;
  }
}

function overloaded(model: string, underWay: number): Error {
  return inferenceErrors.INF_OVERLOADED(`${underWay} calls of model ${model} are under way already.`, {
    data: { underWay, retryAfterSeconds: 1 },
  });
}
