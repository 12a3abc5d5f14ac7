import { isFairleadError } from '@fairlead/kernel';
import { type OnnxContent, probeModel, readOnnxContent, type TensorSpec } from '../../../platform/inference/index.js';
import type { ModelSignature } from '../training-types.js';
import { readPackage } from './read-package.js';

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

/** Everything a model file says and holds. The runtime opens it in a process of its own, which a hostile file may crash. */
export async function inspectModel(path: string): Promise<ModelInspection> {
  const { bytes, digest, metadata, signature } = await readPackage(path);
  const content = readOnnxContent(bytes);
  const base = { path, sizeBytes: bytes.length, digest, metadata, signature, ...content };
  try {
    const { inputs, outputs } = await probeModel(path, { expectedDigest: digest });
    const reasons = obstacles(signature, { inputs, outputs });
    const verdict = reasons.length === 0 ? 'pass' : 'fail';
    return { ...base, inputs, outputs, servable: { verdict, reasons } };
  } catch (error) {
    if (!isFairleadError(error) || !error.code.startsWith('INF_')) throw error;
    const reasons = [`the runtime does not open it: ${error.message} (${error.code})`];
    return { ...base, inputs: null, outputs: null, servable: { verdict: 'fail', reasons } };
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
  if (signature.task !== 'classification') {
    reasons.push('endpoints serve classifiers only; `fairlead predict` and `fairlead package` can use it');
  }
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
