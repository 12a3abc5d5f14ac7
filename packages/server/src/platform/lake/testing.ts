import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLake, type LakeOptions } from './create-lake.js';
import type { Lake } from './lake-types.js';

/** A lake over a fresh folder. */
export async function openTestLake(options: Partial<LakeOptions> = {}): Promise<{ lake: Lake; folder: string }> {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-lake-'));
  const folder = join(root, 'data');
  mkdirSync(folder);
  const lake = await createLake({
    tempFolder: join(root, 'temp'),
    allowedFolders: [folder],
    memoryLimitBytes: 200_000_000,
    ...options,
  });
  return { lake, folder };
}
