import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf } from '@fairlead/kernel';
import * as ort from 'onnxruntime-node';
import { DATATYPES, datatypeOf } from './datatypes.js';
import { inferenceErrors } from './inference-errors.js';
import type { ModelDescription, NamedTensor, TensorData, TensorSpec } from './inference-types.js';
import { readOnnxMetadata } from './onnx-metadata.js';
import { readOnnxOperators } from './onnx-operators.js';

/**
 * A session in this thread: `run` blocks it. Workers and the probe import this module; the serving thread only for models that
 * loop-rules.ts lets in.
 */
export interface OpenModel {
  readonly description: ModelDescription;
  /** Read when asked for. */
  operators(): string[];
  run(inputs: readonly NamedTensor[], outputs: readonly string[]): Promise<NamedTensor[]>;
  release(): Promise<void>;
}

/** One thread per session and no spinning: throughput comes from more workers, and waiting must not burn the cores. */
const SESSION_OPTIONS: ort.InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
};

/**
 * Reads, checks and opens a model. The bytes that are hashed are the bytes that the session is made of.
 *
 * @throws INF_FILE_UNREADABLE, INF_DIGEST_MISMATCH, INF_MODEL_INVALID, INF_UNSUPPORTED_INPUT, INF_UNSUPPORTED_OUTPUT
 */
export async function openOnnxModel(path: string, expectedDigest?: string): Promise<OpenModel> {
  const bytes = await readFile(path).catch((cause) => {
    throw inferenceErrors.INF_FILE_UNREADABLE(`Cannot read the model: ${messageOf(cause)}.`, { cause });
  });
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (expectedDigest !== undefined && digest !== expectedDigest) {
    throw inferenceErrors.INF_DIGEST_MISMATCH(`The model file has digest ${digest}, but ${expectedDigest} was asked.`, {
      data: { got: digest, expected: expectedDigest },
    });
  }
  const metadata = readOnnxMetadata(bytes);
  const session = await ort.InferenceSession.create(bytes, SESSION_OPTIONS).catch((cause) => {
    throw inferenceErrors.INF_MODEL_INVALID(`The runtime refuses the model: ${messageOf(cause)}`, { cause });
  });
  try {
    const { inputs, outputs } = signatureOf(session);
    return {
      description: { digest, sizeBytes: bytes.byteLength, inputs, outputs, metadata },
      operators: () => readOnnxOperators(bytes),
      run: (feeds, fetches) => run(session, feeds, fetches),
      release: () => session.release(),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

function signatureOf(session: ort.InferenceSession): Pick<ModelDescription, 'inputs' | 'outputs'> {
  const inputs = session.inputMetadata.map((metadata) => {
    const spec = specOf(metadata);
    if (spec !== undefined) return spec;
    throw inferenceErrors.INF_UNSUPPORTED_INPUT(`Input ${metadata.name} is a ${kindOf(metadata)}.`, {
      data: { tensor: metadata.name },
    });
  });
  const outputs = session.outputMetadata.map(specOf).filter((spec) => spec !== undefined);
  if (outputs.length === 0) {
    const kinds = session.outputMetadata.map((metadata) => `${metadata.name} is a ${kindOf(metadata)}`);
    throw inferenceErrors.INF_UNSUPPORTED_OUTPUT(`No output can be served: ${kinds.join(', ')}.`, {
      data: { outputs: [...session.outputNames] },
    });
  }
  return { inputs, outputs };
}

function specOf(metadata: ort.InferenceSession.ValueMetadata): TensorSpec | undefined {
  const datatype = metadata.isTensor ? datatypeOf(metadata.type) : undefined;
  if (!metadata.isTensor || datatype === undefined) return undefined;
  const shape = metadata.shape.map((dim) => (typeof dim === 'number' ? dim : -1));
  return { name: metadata.name, datatype, shape };
}

function kindOf(metadata: ort.InferenceSession.ValueMetadata): string {
  return metadata.isTensor ? `tensor of ${metadata.type}` : 'sequence or map';
}

async function run(
  session: ort.InferenceSession,
  inputs: readonly NamedTensor[],
  outputs: readonly string[],
): Promise<NamedTensor[]> {
  try {
    const feeds: Record<string, ort.Tensor> = {};
    for (const tensor of inputs) feeds[tensor.name] = toOrt(tensor);
    const results = await session.run(feeds, outputs);
    return outputs.map((name) => fromOrt(name, results[name] as ort.Tensor));
  } catch (cause) {
    throw inferenceErrors.INF_RUN_FAILED(`The model cannot compute these inputs: ${messageOf(cause)}`, { cause });
  }
}

function toOrt({ datatype, data, shape }: NamedTensor): ort.Tensor {
  const type = DATATYPES[datatype].ort as 'float32';
  return new ort.Tensor(type, data as Float32Array, shape);
}

function fromOrt(name: string, tensor: ort.Tensor): NamedTensor {
  const datatype = datatypeOf(tensor.type);
  if (datatype === undefined) throw new Error(`output ${name} came as a tensor of ${tensor.type}`);
  return { name, datatype, shape: [...tensor.dims], data: tensor.data as TensorData };
}
