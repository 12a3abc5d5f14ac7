import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { HashCommand, HashReply } from './hash-messages.js';

interface Reading {
  readonly file: number;
  readonly hash: Hash;
  position: number;
}

const READ_BYTES = 1 << 18;
const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
const readings = new Map<string, Reading>();

parentPort?.on('message', (command: HashCommand) => {
  if (command.type === 'drop') close(command.path);
  else if (command.type === 'digest') parentPort?.postMessage(digestOf(command));
  // What cannot be read now will not be read for the digest either, which tells why.
  else attempt(() => catchUp(command));
});

function digestOf(command: { path: string; sizeBytes: number }): HashReply {
  const problem = attempt(() => catchUp(command));
  const reading = readings.get(command.path);
  close(command.path);
  if (problem !== undefined || reading === undefined) return { problem: problem ?? 'it was never opened' };
  return { digest: reading.hash.digest('hex') };
}

function catchUp({ path, sizeBytes }: { path: string; sizeBytes: number }): void {
  const reading = readings.get(path) ?? { file: openSync(path, 'r'), hash: createHash('sha256'), position: 0 };
  readings.set(path, reading);
  while (reading.position < sizeBytes) {
    const wanted = Math.min(READ_BYTES, sizeBytes - reading.position);
    const got = readSync(reading.file, buffer, 0, wanted, reading.position);
    if (got === 0) throw new Error(`it ends at ${reading.position} of ${sizeBytes} bytes`);
    reading.hash.update(buffer.subarray(0, got));
    reading.position += got;
  }
}

function close(path: string): void {
  const reading = readings.get(path);
  readings.delete(path);
  if (reading !== undefined) closeSync(reading.file);
}

function attempt(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
