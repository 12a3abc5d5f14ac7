import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { workerEntry } from '../compute/index.js';
import { inferenceErrors } from './inference-errors.js';
import { fromWire } from './inference-messages.js';
import type { ModelDescription, NamedTensor } from './inference-types.js';
import type { ProbeReply, ProbeRequest } from './probe-worker.js';

export interface ProbeOptions {
  /** Default 30 s. The process is killed when it takes longer. */
  readonly timeoutMs?: number;
  /** sha256 that the bytes must have. */
  readonly expectedDigest?: string;
  /** A batch to run after loading. */
  readonly goldenInputs?: readonly NamedTensor[];
}

export interface ProbedModel extends ModelDescription {
  /** What the model made of `goldenInputs`. */
  readonly goldenOutputs?: readonly NamedTensor[];
}

/**
 * Opens a model file in a process of its own, runs the golden sample when one is given and describes the model.
 * A file that crashes or hangs the runtime harms only that process. Costs a process start, about 0.2 s.
 *
 * @throws INF_FILE_UNREADABLE, INF_DIGEST_MISMATCH, INF_MODEL_INVALID, INF_MODEL_CRASHED, INF_PROBE_TIMEOUT, INF_UNSUPPORTED_INPUT,
 * INF_UNSUPPORTED_OUTPUT, INF_INPUT_*, INF_RUN_FAILED
 */
export function probeModel(path: string, options: ProbeOptions = {}): Promise<ProbedModel> {
  const { timeoutMs = 30_000, ...checks } = options;
  const request: ProbeRequest = { path, ...checks };
  const child = fork(fileURLToPath(workerEntry(import.meta.url, 'probe-worker.js')), {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    let stderr = '';
    let reply: ProbeReply | undefined;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = `${stderr}${chunk.toString()}`.slice(-2000);
    });
    child.once('message', (message) => {
      reply = message as ProbeReply;
    });
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      clearTimeout(timer);
      if (reply === undefined) reject(timedOut ? late(path, timeoutMs) : crashed(path, { exitCode, signal, stderr }));
      else if ('error' in reply) reject(fromWire(reply.error));
      else resolve({ ...reply.description, ...(reply.goldenOutputs && { goldenOutputs: reply.goldenOutputs }) });
    });
    child.send(request, () => undefined);
  });
}

function late(path: string, timeoutMs: number): Error {
  return inferenceErrors.INF_PROBE_TIMEOUT(`The model did not load within ${timeoutMs} ms.`, {
    data: { path, timeoutMs },
  });
}

function crashed(path: string, end: { exitCode: number | null; signal: string | null; stderr: string }): Error {
  const how = end.signal === null ? `exit code ${end.exitCode}` : `signal ${end.signal}`;
  return inferenceErrors.INF_MODEL_CRASHED(`The process that opened the model ended with ${how}.`, {
    data: { path, ...end },
  });
}
