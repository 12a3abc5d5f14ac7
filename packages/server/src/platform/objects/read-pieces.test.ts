import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readPieces } from './read-pieces.js';

const path = join(mkdtempSync(join(tmpdir(), 'fairlead-pieces-')), 'file.bin');
const content = randomBytes(3 * 2 ** 20 + 12_345);
writeFileSync(path, content);

describe('reading a file in pieces that share memory', () => {
  it.each([
    ['whole', undefined],
    ['from the middle of one piece to the middle of another', { start: 700_001, end: 2_500_003 }],
    ['one byte', { start: 5, end: 6 }],
    ['a range past the end', { start: content.length - 10, end: content.length + 100 }],
    ['nothing', { start: 9, end: 9 }],
  ])('gives the very bytes: %s', async (_name, range) => {
    const file = await open(path);
    const kept: Buffer[] = [];
    for await (const piece of readPieces(file, range)) {
      await sleep(1); // the next piece is being read meanwhile and must not touch this one
      kept.push(Buffer.from(piece));
    }
    const wanted = range === undefined ? content : content.subarray(range.start, range.end);
    expect(Buffer.concat(kept).equals(wanted)).toBe(true);
    expect(file.fd).toBe(-1);
  });

  it('closes the file when the reader leaves early or fails', async () => {
    const left = await open(path);
    for await (const _piece of readPieces(left)) break;
    expect(left.fd).toBe(-1);
    const failed = await open(path);
    const reading = async () => {
      for await (const _piece of readPieces(failed)) throw new Error('the socket broke');
    };
    await expect(reading()).rejects.toThrow('the socket broke');
    expect(failed.fd).toBe(-1);
  });

  it('passes on what the disk says', async () => {
    const file = await open(path);
    const reading = async () => {
      for await (const _piece of readPieces(file)) await file.close();
    };
    await expect(reading()).rejects.toThrow();
  });
});
