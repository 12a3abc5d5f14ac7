import { totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createLake, type Lake } from '../../platform/lake/index.js';
import { createLocalObjectStore, type ObjectStore } from '../../platform/objects/index.js';
import { withScratchFolder } from '../../platform/scratch/index.js';
import { type AcquiredSource, acquireSource } from './acquire-source.js';
import type { SourceFormat, WorkOptions } from './data-types.js';

const MAX_SOURCE_BYTES = 64 * 1024 ** 3;
/** No server stands beside that needs the memory: reading wide JSON lines takes more than a server's lake may. */
const MEMORY_BYTES = Math.max(1024 ** 3, Math.floor(totalmem() / 4));

/** What the one-shot readers work with: a lake and an object store of their own, which hold the source. */
export interface Workshop {
  readonly objects: ObjectStore;
  readonly lake: Lake;
  readonly source: AcquiredSource;
}

/** Opens a workshop over a file or folder while `use` runs. Leaves nothing behind. Throws what acquiring a source throws. */
export function withWorkshop<T>(
  path: string,
  { format, ...options }: WorkOptions & { readonly format?: SourceFormat | undefined },
  use: (workshop: Workshop) => Promise<T>,
): Promise<T> {
  return withScratchFolder('fairlead-file-', async (folder) => {
    const objects = createLocalObjectStore(join(folder, 'objects'));
    const lake = await createLake({
      tempFolder: join(folder, 'temp'),
      allowedFolders: [join(folder, 'objects')],
      memoryLimitBytes: MEMORY_BYTES,
    });
    try {
      const place = resolve(path);
      const deps = {
        objects,
        allowPrivateUrls: false,
        maxSourceBytes: MAX_SOURCE_BYTES,
        dataRoots: () => [dirname(place), place],
      };
      return await use({ objects, lake, source: await acquireSource(deps, { path: place, format }, options) });
    } finally {
      await lake.close();
    }
  });
}
