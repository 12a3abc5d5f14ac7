import { fork } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { workerEntry } from '../compute/index.js';
import { bareEnvironment } from './bare-environment.js';
import { inferenceErrors } from './inference-errors.js';
import { fromWire } from './inference-messages.js';
import type { ModelDescription, NamedTensor } from './inference-types.js';
import type { ProbeReply, ProbeRequest } from './probe-worker.js';
import { watchMemory } from './watch-memory.js';

export interface ProbeOptions {
  /** Default 30 s. The process is killed when it takes longer. */
  readonly timeoutMs?: number;
  /** Default 2 GiB and eight times the file. The process is killed when it holds more; only on Linux. */
  readonly maxMemoryBytes?: number;
  /** sha256 that the bytes must have. */
  readonly expectedDigest?: string;
  /** A batch to run after loading. */
  readonly goldenInputs?: readonly NamedTensor[];
}

export interface ProbedModel extends ModelDescription {
  /** What the model made of `goldenInputs`. */
  readonly goldenOutputs?: readonly NamedTensor[];
  /** Time of a warm run of `goldenInputs`. */
  readonly costMs?: number;
  /** See readOnnxOperators. */
  readonly operators: readonly string[];
}

/**
 * Opens a model file in a process of its own, runs the golden sample when one is given and describes the model.
 * A file that crashes or hangs the runtime harms only that process. Costs a process start, about 0.2 s.
 *
 * @throws INF_FILE_UNREADABLE, INF_DIGEST_MISMATCH, INF_MODEL_INVALID, INF_MODEL_CRASHED, INF_PROBE_TIMEOUT, INF_PROBE_MEMORY, INF_UNSUPPORTED_INPUT,
 * INF_UNSUPPORTED_OUTPUT, INF_INPUT_*, INF_RUN_FAILED
 */
export function probeModel(path: string, options: ProbeOptions = {}): Promise<ProbedModel> {
  const { timeoutMs = 30_000, maxMemoryBytes = usualMemory(path), ...checks } = options;
  const request: ProbeRequest = { path, ...checks };
  const child = fork(fileURLToPath(workerEntry(import.meta.url, 'probe-worker.js')), {
    serialization: 'advanced',
    execArgv: [],
    env: bareEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    let stderr = '';
    let reply: ProbeReply | undefined;
    let killed: Error | undefined;
    const kill = (reason: Error) => {
      killed ??= reason;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => kill(late(path, timeoutMs)), timeoutMs);
    const memory = watchMemory(child.pid ?? 0, maxMemoryBytes, () => kill(greedy(path, maxMemoryBytes)));
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = `${stderr}${chunk.toString()}`.slice(-2000);
    });
    child.once('message', (message) => {
      reply = message as ProbeReply;
    });
    child.once('error', (error) => {
      memory.stop();
      reject(error);
    });
    child.once('close', (exitCode, signal) => {
      clearTimeout(timer);
      memory.stop();
      if (reply === undefined) reject(killed ?? crashed(path, { exitCode, signal, stderr }));
      else if ('error' in reply) reject(fromWire(reply.error));
      else {
        const { description, ...probed } = reply;
        resolve({ ...description, ...probed });
      }
    });
    child.send(request, () => undefined);
  });
}

const MIN_MEMORY_BYTES = 2 * 1024 ** 3;

/** Opening a model takes some multiples of its file. */
export function usualMemory(path: string): number {
  return MIN_MEMORY_BYTES + 8 * (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
}

function greedy(path: string, maxMemoryBytes: number): Error {
  const mib = Math.round(maxMemoryBytes / 1024 ** 2);
  return inferenceErrors.INF_PROBE_MEMORY(`The model took more than ${mib} MiB of memory and was stopped.`, {
    data: { path, maxMemoryBytes },
  });
}

function late(path: string, timeoutMs: number): Error {
  return inferenceErrors.INF_PROBE_TIMEOUT(`The model did not load and answer within ${timeoutMs} ms.`, {
    data: { path, timeoutMs },
  });
}

function crashed(path: string, end: { exitCode: number | null; signal: string | null; stderr: string }): Error {
  const how = end.signal === null ? `exit code ${end.exitCode}` : `signal ${end.signal}`;
  return inferenceErrors.INF_MODEL_CRASHED(`The process that opened the model ended with ${how}.`, {
    data: { path, ...end },
  });
}
