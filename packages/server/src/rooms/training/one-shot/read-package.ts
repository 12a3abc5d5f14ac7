import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf } from '@fairlead/kernel';
import { readOnnxMetadata } from '../../../platform/inference/index.js';
import { trainingErrors } from '../training-errors.js';
import type { ModelSignature } from '../training-types.js';

export interface ModelFileContent {
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Null for a file that Fairlead did not make. */
  readonly signature: ModelSignature | null;
}

/** A model file with what it says about itself. @throws TRN_MODEL_UNREADABLE, INF_MODEL_INVALID */
export async function readPackage(path: string): Promise<ModelFileContent> {
  const bytes = await readFile(path).catch((cause) => {
    throw trainingErrors.TRN_MODEL_UNREADABLE(`${path} cannot be read: ${messageOf(cause)}`, { data: { path }, cause });
  });
  const metadata = readOnnxMetadata(bytes);
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { bytes, digest, metadata, signature: parseSignature(metadata['fairlead.signature']) };
}

const TASKS = ['classification', 'regression', 'clustering', 'anomaly'];
const TYPES = ['number', 'integer', 'boolean', 'string', 'timestamp'];

/** The text may come from anybody's file: only what has the shape of a signature passes. */
function parseSignature(json: string | undefined): ModelSignature | null {
  try {
    const found = JSON.parse(json ?? '') as Partial<ModelSignature> | null;
    const whole =
      TASKS.includes(found?.task ?? '') &&
      isTexts(found?.labels) &&
      Array.isArray(found?.inputs) &&
      found.inputs.every((input) => typeof input?.name === 'string' && TYPES.includes(input.type));
    return whole ? (found as ModelSignature) : null;
  } catch {
    return null;
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
