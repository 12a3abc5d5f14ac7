// @ts-check
import { fileURLToPath } from 'node:url';

/** A file beside this one. @param {string} relative */
export function pathOf(relative) {
  return fileURLToPath(new URL(relative, import.meta.url));
}
