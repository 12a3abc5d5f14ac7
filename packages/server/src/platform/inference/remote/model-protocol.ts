import { inferenceErrors } from '../inference-errors.js';
import type { NamedTensor, TensorSpec } from '../inference-types.js';
import type { ModelServerClient, ServerAnswer } from './call-server.js';

/** What a model server is asked and how its answers are read. */
export interface ModelProtocol {
  /** The model's name there, for messages. */
  readonly model: string;
  /** Where a program that speaks it says that it is ready. */
  readonly readyPath: string;
  /** @throws INF_REMOTE_NOT_READY, INF_REMOTE_ANSWER */
  describe(client: ModelServerClient): Promise<RemoteDescription>;
  /** The wanted outputs for one batch, in their order. @throws INF_REMOTE_ANSWER and what {@link refuse} gives */
  compute(
    client: ModelServerClient,
    inputs: readonly NamedTensor[],
    wanted: readonly string[],
  ): Promise<readonly NamedTensor[]>;
}

export interface RemoteDescription {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

const RETRY_LATER = new Set([429, 503]);
const MAX_SAID = 500;

/** The error for an answer that is none: INF_OVERLOADED, INF_RUN_FAILED (4xx) or INF_REMOTE_FAILED. */
export function refuse({ status, headers, body }: ServerAnswer, said = body.toString('utf8')): Error {
  const message = `The model server answers ${status}: ${said.slice(0, MAX_SAID)}`;
  if (RETRY_LATER.has(status)) {
    const data = { status, retryAfterSeconds: Number(headers['retry-after']) || 1 };
    return inferenceErrors.INF_OVERLOADED(message, { data });
  }
  if (status >= 400 && status < 500) return inferenceErrors.INF_RUN_FAILED(message, { data: { status } });
  return inferenceErrors.INF_REMOTE_FAILED(message, { data: { status } });
}

export function notReady({ origin }: URL, model: string, how: string): Error {
  return inferenceErrors.INF_REMOTE_NOT_READY(`Model ${model} of ${origin} is not ready: ${how}.`, {
    data: { url: origin, model, retryAfterSeconds: 1 },
  });
}

export function unusable(what: string): Error {
  return inferenceErrors.INF_REMOTE_ANSWER(`The answer of the model server cannot be used: ${what}.`, {
    data: { what },
  });
}
