import { resolve } from 'node:path';

/** A source path as the rooms store it: addresses and object references as they are, files absolute. */
export function absoluteSource(path: string, folder: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.test(path) ? path : resolve(folder, path);
}
