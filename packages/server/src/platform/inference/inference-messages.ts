import { isFairleadError, messageOf } from '@fairlead/kernel';
import { type InferenceErrorCode, inferenceErrors } from './inference-errors.js';
import type { ModelDescription, NamedTensor } from './inference-types.js';

export type Command =
  | { readonly type: 'load'; readonly key: string; readonly path: string; readonly digest: string }
  | { readonly type: 'unload'; readonly key: string }
  | RunCommand
  | { readonly type: 'stop' };

export interface RunCommand {
  readonly type: 'run';
  /** Under which the model was loaded. */
  readonly key: string;
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly string[];
}

export interface Computed {
  readonly outputs: NamedTensor[];
  /** process.hrtime.bigint(): one clock for all threads of the process. */
  readonly startedNs: bigint;
  readonly computeNs: number;
}

/** What each command answers with. */
export interface Answers {
  readonly load: { readonly description: ModelDescription; readonly loadMs: number };
  readonly unload: null;
  readonly run: Computed;
  readonly stop: null;
}
export type Answer = Answers[keyof Answers];

export interface WireError {
  readonly code: InferenceErrorCode;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A message to a worker and its reply, joined by `id`. */
export type Request = Command & { readonly id: number };
export type Reply =
  | { readonly id: number; readonly value: Answer }
  | { readonly id: number; readonly error: WireError };

/** An error as plain data. What has no code of ours is a fault of the model file or its run, named by `fallback`. */
export function toWire(error: unknown, fallback: InferenceErrorCode): WireError {
  const known = isFairleadError(error) && Object.hasOwn(inferenceErrors, error.code);
  return {
    code: known ? (error.code as InferenceErrorCode) : fallback,
    message: messageOf(error),
    data: known ? error.data : {},
  };
}

export function fromWire({ code, message, data }: WireError): Error {
  return inferenceErrors[code](message, { data });
}

/** The buffers of these tensors that may be given to another thread: whole, unshared and each once. */
export function transferable(tensors: readonly NamedTensor[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of tensors) {
    if (!ArrayBuffer.isView(data) || !(data.buffer instanceof ArrayBuffer)) continue;
    if (data.byteLength === data.buffer.byteLength) buffers.add(data.buffer);
  }
  return [...buffers];
}
