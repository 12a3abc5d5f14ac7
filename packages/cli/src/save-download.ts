import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { messageOf } from '@fairlead/kernel';
import type { Download } from '@fairlead/sdk';
import { cliErrors } from './cli-errors.js';

/** Writes a download to `path`, whole or not at all, and gives its digest and size. `expected` refuses other bytes. */
export async function saveDownload(
  { stream }: Pick<Download, 'stream'>,
  path: string,
  expected?: string,
): Promise<{ path: string; digest: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      done(null, chunk);
    },
  });
  const part = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  try {
    await pipeline(Readable.fromWeb(stream as ReadableStream), count, createWriteStream(part, { flags: 'wx' }));
    const digest = hash.digest('hex');
    if (expected !== undefined && digest !== expected) {
      throw cliErrors.CLI_FILE_UNREADABLE(`The bytes that arrived have the digest ${digest}, not ${expected}.`, {
        data: { digest, expected },
      });
    }
    await rename(part, path);
    return { path, digest, sizeBytes };
  } catch (cause) {
    await rm(part, { force: true });
    if ((cause as { code?: string }).code?.startsWith('CLI_')) throw cause;
    throw cliErrors.CLI_FILE_UNREADABLE(`${path} cannot be written: ${messageOf(cause)}`, { data: { path }, cause });
  }
}
