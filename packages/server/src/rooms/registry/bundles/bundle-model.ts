import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onnxRuntimeVersion, probeModel } from '../../../platform/inference/index.js';
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
import type { BundleRequest, BundleResult } from './bundle-types.js';

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
  const answers = answersOf(probed.goldenOutputs ?? [], rows.length, signature.labels);
  await makeEmptyFolder(folder);
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
  for (const [path, text] of Object.entries(texts)) await writeFile(join(folder, path), text);
  await copyFile(modelPath, join(folder, 'model.onnx'));
  const files = Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, sha256(text)]));
  files['model.onnx'] = digest;
  const manifest = { kind: 'fairlead.bundle', version: 1, as: kind, name, files };
  await writeFile(join(folder, 'manifest.json'), json(manifest));
  return {
    kind,
    name,
    folder,
    model: { digest, sizeBytes: probed.sizeBytes },
    files,
    baseImagePinned: kind === 'docker' ? /@sha256:[0-9a-f]{64}$/.test(baseImage) : null,
  };
}

async function makeEmptyFolder(folder: string): Promise<void> {
  try {
    if (!existsSync(folder)) await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length === 0) return;
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
