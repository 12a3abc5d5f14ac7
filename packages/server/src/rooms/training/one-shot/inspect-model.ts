import { isFairleadError } from '@fairlead/kernel';
import { type OnnxContent, probeModel, readOnnxContent, type TensorSpec } from '../../../platform/inference/index.js';
import { checkAnswers } from '../model-scorer.js';
import type { ModelSignature } from '../training-types.js';
import { EXAMPLE_ROWS, exampleTensors } from './example-tensors.js';
import type { ProbeLimits } from './predict-file.js';
import { readPackage } from './read-package.js';
import { withOneFile } from './with-one-file.js';

export interface ModelInspection extends OnnxContent {
  readonly path: string;
  readonly sizeBytes: number;
  readonly digest: string;
  /** Null when the runtime does not open the file. */
  readonly inputs: readonly TensorSpec[] | null;
  readonly outputs: readonly TensorSpec[] | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly signature: ModelSignature | null;
  readonly servable: { readonly verdict: 'pass' | 'fail'; readonly reasons: readonly string[] };
}

/**
 * Everything a model file says and holds, with its side files. The runtime opens it in a process of its own, which a hostile file may
 * crash.
 */
export async function inspectModel(path: string, limits?: ProbeLimits): Promise<ModelInspection> {
  let whole = false;
  try {
    return await withOneFile(path, (file) => {
      whole = true;
      return inspectFile(file, path, limits);
    });
  } catch (error) {
    if (whole || !isFairleadError(error) || !error.code.startsWith('INF_EXTERNAL')) throw error;
    const { bytes, digest, metadata, signature } = await readPackage(path);
    const base = { path, sizeBytes: bytes.length, digest, metadata, signature, ...readOnnxContent(bytes) };
    const reasons = [`it is not whole: ${error.message} (${error.code})`];
    return { ...base, inputs: null, outputs: null, servable: { verdict: 'fail', reasons } };
  }
}

async function inspectFile(file: string, path: string, limits?: ProbeLimits): Promise<ModelInspection> {
  const { bytes, digest, metadata, signature } = await readPackage(file);
  const content = readOnnxContent(bytes);
  const base = { path, sizeBytes: bytes.length, digest, metadata, signature, ...content };
  try {
    const options = {
      expectedDigest: digest,
      ...(limits && { timeoutMs: limits.probeTimeoutMs, maxMemoryBytes: limits.probeMemoryBytes }),
    };
    const { inputs, outputs } = await probeModel(file, options);
    const reasons = obstacles(signature, { inputs, outputs });
    if (signature !== null && reasons.length === 0) reasons.push(...(await trial(file, { signature, options })));
    const verdict = reasons.length === 0 ? 'pass' : 'fail';
    return { ...base, inputs, outputs, servable: { verdict, reasons } };
  } catch (error) {
    if (!isFairleadError(error) || !error.code.startsWith('INF_')) throw error;
    const reasons = [`the runtime does not open it: ${error.message} (${error.code})`];
    return { ...base, inputs: null, outputs: null, servable: { verdict: 'fail', reasons } };
  }
}

/** Whether it answers at all: some files open and then never end, or want all memory. */
async function trial(
  path: string,
  { signature, options }: { signature: ModelSignature; options: Parameters<typeof probeModel>[1] },
): Promise<string[]> {
  try {
    const { goldenOutputs = [] } = await probeModel(path, {
      ...options,
      goldenInputs: exampleTensors(signature.inputs),
    });
    checkAnswers(signature, goldenOutputs, EXAMPLE_ROWS);
    return [];
  } catch (error) {
    if (!isFairleadError(error) || !/^(INF_|TRN_ANSWER)/.test(error.code)) throw error;
    return [`it does not answer example rows: ${error.message} (${error.code})`];
  }
}

/** Why an endpoint could not serve the file as it is. */
function obstacles(
  signature: ModelSignature | null,
  { inputs, outputs }: { inputs: readonly TensorSpec[]; outputs: readonly TensorSpec[] },
): string[] {
  if (signature === null) {
    return ['it carries no fairlead.signature, so rows by column name cannot be turned into its tensors'];
  }
  const given = new Set(inputs.map(({ name }) => name));
  const wanted = new Set(signature.inputs.map(({ name }) => name));
  const reasons: string[] = [];
  if (signature.task !== 'classification' && signature.task !== 'regression') {
    reasons.push(
      'endpoints serve classifiers and regressions only; `fairlead predict` and `fairlead package` can use it',
    );
  }
  const names = [...inputs, ...outputs].map(({ name }) => name);
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  if (twice.length > 0) reasons.push(`the graph names ${[...new Set(twice)].join(', ')} twice`);
  const absent = [...wanted].filter((name) => !given.has(name));
  const extra = [...given].filter((name) => !wanted.has(name));
  if (absent.length > 0) reasons.push(`the signature names inputs that the graph lacks: ${absent.join(', ')}`);
  if (extra.length > 0) reasons.push(`the graph has inputs that the signature lacks: ${extra.join(', ')}`);
  const needed =
    signature.task === 'classification'
      ? ['label', 'probabilities']
      : signature.task === 'regression'
        ? ['prediction']
        : [];
  const lacking = needed.filter((name) => !outputs.some((output) => output.name === name));
  if (lacking.length > 0) reasons.push(`the graph lacks the outputs ${lacking.join(', ')}`);
  return reasons;
}
