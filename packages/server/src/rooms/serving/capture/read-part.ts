import { type FileHandle, open } from 'node:fs/promises';

/** Bytes of a file from `start` on, to `end` (exclusive) or its end. Undefined: there is no such file. */
export async function readPart(path: string, start: number, end?: number): Promise<Buffer | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const bytes = Buffer.allocUnsafe(Math.max(0, (end ?? (await file.stat()).size) - start));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    return bytes.subarray(0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  } finally {
    await file?.close();
  }
}
