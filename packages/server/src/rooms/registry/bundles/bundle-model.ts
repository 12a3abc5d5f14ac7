import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, throwIfAborted } from '@fairlead/kernel';
import { type NamedTensor, onnxRuntimeVersion, probeModel } from '../../../platform/inference/index.js';
import { removeAtExit } from '../../../platform/scratch/index.js';
import { registryErrors } from '../registry-errors.js';
import {
  checkBundleName,
  goldenRows,
  packageJsonOf,
  parseBundledSignature,
  readmeOf,
  TEMPLATES,
} from './bundle-rules.js';
import { answersOf, tensorsOfRows } from './bundle-tensors.js';
import type { BundledSignature, BundleRequest, BundleResult } from './bundle-types.js';

const DEFAULT_IMAGE = 'node:22-bookworm-slim';
const TEMPLATE_FOLDER = fileURLToPath(new URL('../../../../bundles/', import.meta.url));

/**
 * Makes a folder that answers with a packaged model by itself. The model is tried in a process of its own first, and the
 * answers it gave are kept beside it, so that the folder can prove wherever it runs that it answers the same.
 *
 * @throws REG_BUNDLE_NAME, REG_BUNDLE_SIGNATURE, REG_BUNDLE_FOLDER, and what probing a model throws
 */
export async function bundleModel(request: BundleRequest): Promise<BundleResult> {
  const { modelPath, kind, name, outFolder: folder, baseImage = DEFAULT_IMAGE } = request;
  checkBundleName(name);
  const { metadata, digest } = await probeModel(modelPath);
  const signature = parseBundledSignature(metadata['fairlead.signature']);
  const rows = goldenRows(signature);
  const probed = await probeModel(modelPath, {
    expectedDigest: digest,
    goldenInputs: tensorsOfRows(signature, rows),
  });
  refuseOutputs(signature, probed.goldenOutputs ?? [], rows.length);
  const answers = answersOf(probed.goldenOutputs ?? [], rows.length, signature.labels);
  throwIfAborted(request.signal);
  await refuseFullFolder(folder);
  const described = { model: name, digest, ...signature };
  const texts: Record<string, string> = {
    'package.json': json(packageJsonOf(kind, { name, runtime: onnxRuntimeVersion(), digest })),
    'README.md': readmeOf(kind, { name, digest }),
    'golden.json': json({ rows, answers }),
    'signature.json': json(described),
    ...(kind === 'npm' && { 'signature.mjs': `export default ${json(described)}` }),
  };
  if (kind === 'npm') delete texts['signature.json'];
  for (const [path, template] of Object.entries(TEMPLATES[kind])) {
    const text = await readFile(join(TEMPLATE_FOLDER, template), 'utf8');
    texts[path] = text
      .replaceAll('{{name}}', name)
      .replaceAll('{{digest}}', digest)
      .replaceAll('{{baseImage}}', baseImage);
  }
  const files = Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, sha256(text)]));
  files['model.onnx'] = digest;
  const manifest = { kind: 'fairlead.bundle', version: 1, as: kind, name, files };
  await writeWhole(folder, {
    modelPath,
    texts: { ...texts, 'manifest.json': json(manifest) },
    signal: request.signal,
  });
  return {
    kind,
    name,
    folder,
    model: { digest, sizeBytes: probed.sizeBytes },
    files,
    baseImagePinned: kind === 'docker' ? /@sha256:[0-9a-f]{64}$/.test(baseImage) : null,
  };
}

/** The folder appears with everything in it or not at all: its files are written beside its place. */
async function writeWhole(
  folder: string,
  {
    modelPath,
    texts,
    signal,
  }: { modelPath: string; texts: Readonly<Record<string, string>>; signal: AbortSignal | undefined },
): Promise<void> {
  const part = `${folder}.${randomUUID()}.part`;
  const guard = removeAtExit(part);
  try {
    await mkdir(part, { recursive: true });
    for (const [path, text] of Object.entries(texts)) await writeFile(join(part, path), text);
    await copyFile(modelPath, join(part, 'model.onnx'));
    throwIfAborted(signal);
    if (existsSync(folder)) await rmdir(folder);
    await rename(part, folder);
  } catch (cause) {
    await rm(part, { recursive: true, force: true });
    throw registryErrors.REG_BUNDLE_FOLDER(`${folder} cannot be written: ${messageOf(cause)}`, {
      data: { folder },
      cause,
    });
  } finally {
    guard.release();
  }
}

/** A classifier gives a label and a probability per class for each row, whoever made the file. */
function refuseOutputs({ task, labels }: BundledSignature, outputs: readonly NamedTensor[], rows: number): void {
  if (task !== 'classification') return;
  const fits = (name: string, width: number) =>
    outputs.some((output) => output.name === name && output.data.length === rows * width);
  if (fits('label', 1) && fits('probabilities', labels.length)) return;
  throw registryErrors.REG_BUNDLE_SIGNATURE('The model does not give a label and the probabilities that it names.', {
    data: { outputs: outputs.map(({ name, shape }) => ({ name, shape })) },
  });
}

async function refuseFullFolder(folder: string): Promise<void> {
  try {
    if (!existsSync(folder) || (await readdir(folder)).length === 0) return;
  } catch (cause) {
    throw registryErrors.REG_BUNDLE_FOLDER(`${folder} cannot be used as a folder.`, { data: { folder }, cause });
  }
  throw registryErrors.REG_BUNDLE_FOLDER(`${folder} is not empty; nothing in it was changed.`, { data: { folder } });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
