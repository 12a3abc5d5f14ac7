import { readFileSync } from 'node:fs';

interface Package {
  readonly version: string;
}

/** The version of this server, as its package says. */
export const fairleadVersion: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Package
).version;
