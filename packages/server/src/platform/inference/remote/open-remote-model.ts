import { checkInputs, checkOutputs } from '../check-inputs.js';
import { inferenceErrors } from '../inference-errors.js';
import type { LoadedModel, RunResult } from '../inference-types.js';
import { ModelServerClient, type ServerAnswer } from './call-server.js';
import { readInferAnswer, readMetadata, writeInferRequest } from './oip-body.js';

export interface RemoteModelOptions {
  readonly url: URL;
  /** Its name there. */
  readonly model: string;
  /** Absent: whichever the server chooses. */
  readonly version?: string;
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

const RETRY_LATER = new Set([429, 503]);

/**
 * A model of another server that speaks the Open Inference Protocol (Triton, KServe, MLServer, Fairlead), with binary
 * tensors over connections that stay open. It must be ready; its metadata becomes the description.
 *
 * @throws INF_REMOTE_FORBIDDEN, INF_REMOTE_UNREACHABLE, INF_REMOTE_NOT_READY, INF_REMOTE_ANSWER, INF_RUN_TIMEOUT
 */
export async function openRemoteModel(options: RemoteModelOptions): Promise<RemoteModel> {
  const startMs = performance.now();
  const { model: name, version, concurrency, maxQueue, digest } = options;
  const client = new ModelServerClient({ ...options, connections: concurrency });
  const path = `/v2/models/${encodeURIComponent(name)}${version === undefined ? '' : `/versions/${encodeURIComponent(version)}`}`;
  try {
    const ready = await client.call(`${path}/ready`);
    if (ready.status !== 200) throw notReady(options, `${path}/ready answers ${ready.status}`);
    const metadata = await client.call(path);
    if (metadata.status !== 200) throw notReady(options, `${path} answers ${metadata.status}`);
    const description = { digest, sizeBytes: 0, metadata: {}, ...readMetadata(metadata.body) };
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
        const { body, jsonBytes } = writeInferRequest(inputs, wanted);
        const headers = {
          'content-type': 'application/octet-stream',
          'inference-header-content-length': String(jsonBytes),
        };
        const answer = await client.call(`${path}/infer`, { body, headers });
        return {
          outputs: outputsOf(answer, wanted),
          queueNs: 0,
          computeNs: Number(process.hrtime.bigint() - calledNs),
        };
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

function outputsOf({ status, headers, body }: ServerAnswer, wanted: readonly string[]): RunResult['outputs'] {
  if (status === 200) {
    const length = headers['inference-header-content-length'];
    return readInferAnswer(body, length === undefined ? undefined : Number(length), wanted);
  }
  const said = body.subarray(0, 500).toString('utf8');
  if (RETRY_LATER.has(status)) {
    const data = { status, retryAfterSeconds: Number(headers['retry-after']) || 1 };
    throw inferenceErrors.INF_OVERLOADED(`The model server answers ${status}: ${said}`, { data });
  }
  if (status >= 400 && status < 500) {
    throw inferenceErrors.INF_RUN_FAILED(`The model server answers ${status}: ${said}`, { data: { status } });
  }
  throw inferenceErrors.INF_REMOTE_FAILED(`The model server answers ${status}: ${said}`, { data: { status } });
}

function notReady({ url, model }: RemoteModelOptions, how: string): Error {
  return inferenceErrors.INF_REMOTE_NOT_READY(`Model ${model} of ${url.origin} is not ready: ${how}.`, {
    data: { url: url.origin, model, retryAfterSeconds: 1 },
  });
}

function overloaded(model: string, underWay: number): Error {
  return inferenceErrors.INF_OVERLOADED(`${underWay} calls of model ${model} are under way already.`, {
    data: { underWay, retryAfterSeconds: 1 },
  });
}
