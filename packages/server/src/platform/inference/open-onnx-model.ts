import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf } from '@fairlead/kernel';
import * as ort from 'onnxruntime-node';
import { DATATYPES, datatypeOf } from './datatypes.js';
import { inferenceErrors } from './inference-errors.js';
import {
  JOINED,
  type ModelDescription,
  type NamedTensor,
  type TensorData,
  type TensorSpec,
} from './inference-types.js';
import { joinColumns } from './join-columns.js';
import { type LiftedGraph, type Lookup, liftBorders } from './lift-borders.js';
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
 * Reads, checks and opens a model. The session is made of the bytes that are hashed, without what {@link liftBorders} takes out of them.
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
  const { session, lifted } = await openSession(bytes);
  try {
    const { inputs, outputs } = signatureOf(session, lifted);
    return {
      description: {
        ...{ digest, sizeBytes: bytes.byteLength, inputs, outputs, metadata },
        ...(lifted?.joined !== undefined && { joins: true }),
      },
      operators: () => readOnnxOperators(bytes),
      run: (feeds, fetches) => run({ session, lifted }, feeds, fetches),
      release: () => session.release(),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** The graph with its borders lifted, where that can be; else as it is, whose refusal then is the one to be read. */
async function openSession(
  bytes: Uint8Array,
): Promise<{ session: ort.InferenceSession; lifted: LiftedGraph | undefined }> {
  const lifted = liftBorders(bytes);
  if (lifted !== undefined) {
    const session = await ort.InferenceSession.create(lifted.bytes, SESSION_OPTIONS).catch(() => undefined);
    if (session !== undefined) return { session, lifted };
  }
  const session = await ort.InferenceSession.create(bytes, SESSION_OPTIONS).catch((cause) => {
    throw inferenceErrors.INF_MODEL_INVALID(`The runtime refuses the model: ${messageOf(cause)}`, { cause });
  });
  return { session, lifted: undefined };
}

/** As the file has it, whatever was lifted. */
function signatureOf(
  session: ort.InferenceSession,
  lifted: LiftedGraph | undefined,
): Pick<ModelDescription, 'inputs' | 'outputs'> {
  const inputs = lifted?.joined?.columns.map((name): TensorSpec => ({ name, datatype: 'FP32', shape: [-1, 1] }));
  const outputs = outputsOf(session).map((spec): TensorSpec => {
    const lookup = lifted?.lookups.find(({ code }) => code === spec.name);
    return lookup === undefined ? spec : { ...spec, name: lookup.output, datatype: 'BYTES' };
  });
  return { inputs: inputs ?? inputsOf(session), outputs };
}

function inputsOf(session: ort.InferenceSession): TensorSpec[] {
  return session.inputMetadata.map((metadata) => {
    const spec = specOf(metadata);
    if (spec !== undefined) return spec;
    throw inferenceErrors.INF_UNSUPPORTED_INPUT(`Input ${metadata.name} is a ${kindOf(metadata)}.`, {
      data: { tensor: metadata.name },
    });
  });
}

function outputsOf(session: ort.InferenceSession): TensorSpec[] {
  const outputs = session.outputMetadata.map(specOf).filter((spec) => spec !== undefined);
  if (outputs.length === 0) {
    const kinds = session.outputMetadata.map((metadata) => `${metadata.name} is a ${kindOf(metadata)}`);
    throw inferenceErrors.INF_UNSUPPORTED_OUTPUT(`No output can be served: ${kinds.join(', ')}.`, {
      data: { outputs: [...session.outputNames] },
    });
  }
  return outputs;
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

interface Opened {
  readonly session: ort.InferenceSession;
  readonly lifted: LiftedGraph | undefined;
}

async function run(
  { session, lifted }: Opened,
  inputs: readonly NamedTensor[],
  outputs: readonly string[],
): Promise<NamedTensor[]> {
  try {
    const results = await session.run(
      feedsOf(inputs, lifted),
      outputs.map((name) => codeOf(lifted, name)),
    );
    return outputs.map((name) => {
      const lookup = lifted?.lookups.find(({ output }) => output === name);
      const result = results[lookup?.code ?? name] as ort.Tensor;
      return lookup === undefined ? fromOrt(name, result) : lookUp(lookup, result);
    });
  } catch (cause) {
    throw inferenceErrors.INF_RUN_FAILED(`The model cannot compute these inputs: ${messageOf(cause)}`, { cause });
  }
}

function feedsOf(inputs: readonly NamedTensor[], lifted: LiftedGraph | undefined): Record<string, ort.Tensor> {
  if (lifted?.joined !== undefined) {
    const { name, columns } = lifted.joined;
    const [only] = inputs;
    return { [name]: toOrt(only?.name === JOINED ? only : joinColumns(inputs, columns)) };
  }
  return Object.fromEntries(inputs.map((tensor) => [tensor.name, toOrt(tensor)]));
}

const codeOf = (lifted: LiftedGraph | undefined, name: string) =>
  lifted?.lookups.find(({ output }) => output === name)?.code ?? name;

function lookUp({ output, texts }: Lookup, { dims, data }: ort.Tensor): NamedTensor {
  const places = data as Int32Array;
  const labels = new Array<string>(places.length);
  for (let i = 0; i < places.length; i += 1) {
    const text = texts[places[i] as number];
    if (text === undefined) throw new Error(`output ${output} is at place ${places[i]} of ${texts.length} texts`);
    labels[i] = text;
  }
  return { name: output, datatype: 'BYTES', shape: [...dims], data: labels };
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
