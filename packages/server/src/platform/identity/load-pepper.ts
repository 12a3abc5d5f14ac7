import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { identityErrors } from './identity-errors.js';

const BYTES = 32;
const OWNER_ONLY = 0o600;

/**
 * The key under which token secrets are hashed: `identity-pepper` in home, made at the first run, readable by its owner
 * only, kept apart from the database so that a stolen copy of that is worth nothing. Throws IDN_PEPPER_UNREADABLE.
 */
export function loadPepper(home: string): Buffer {
  const path = join(home, 'identity-pepper');
  try {
    mkdirSync(home, { recursive: true });
    if (!existsSync(path)) create(path);
    const text = readFileSync(path, 'utf8').trim();
    if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  } catch (cause) {
    throw identityErrors.IDN_PEPPER_UNREADABLE(`${path} cannot be read or made.`, { data: { path }, cause });
  }
  throw identityErrors.IDN_PEPPER_UNREADABLE(`${path} does not hold 64 hex digits.`, { data: { path } });
}

/** Written aside and linked into place: a crash leaves no half of a key, and the first of two starting servers wins. */
function create(path: string): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = openSync(draft, 'wx', OWNER_ONLY);
  try {
    writeSync(file, `${randomBytes(BYTES).toString('hex')}\n`);
    fsyncSync(file);
    linkSync(draft, path);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  } finally {
    closeSync(file);
    rmSync(draft, { force: true });
  }
}
