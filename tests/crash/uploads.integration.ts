import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/harness/watched-process.mjs';
import { type LiveServer, startLiveServer } from '../harness/live-server.js';

const PART_BYTES = 3 << 20;
const PARTS = 4;

describe('an upload in parts whose server is killed again and again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-upload-crash-'));
  const bodies = Array.from({ length: PARTS }, () => randomBytes(PART_BYTES));
  let port: number;
  let server: LiveServer;
  beforeAll(async () => {
    port = await freePort();
    server = await startLiveServer({ folder, port });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('goes on with the parts that were acknowledged and ends with the same bytes', async () => {
    const client = createClient({ url: server.url });
    const { files } = client;
    const { uploadId } = await files.uploads.begin('crash/big.bin', PARTS);
    for (const [index, body] of bodies.entries()) {
      await sendHalf(`${server.url}/api/v1/uploads/${uploadId}/parts/${index + 1}`, body);
      await server.kill();
      server = await startLiveServer({ folder, port });
      const { parts } = await files.uploads.get(uploadId);
      expect(parts.map(({ partNumber }) => partNumber)).toEqual(bodies.slice(0, index).map((_, at) => at + 1));
      const part = await files.uploads.part(uploadId, index + 1, { body });
      expect(part.etag).toBe(sha256(body));
    }
    const { parts } = await files.uploads.get(uploadId);
    // Killed while it joins: the client asks again and gets the file, whichever came first.
    const interrupted = files.uploads.complete(uploadId, parts).catch(() => undefined);
    await server.kill();
    await interrupted;
    server = await startLiveServer({ folder, port });
    const file = await files.uploads.complete(uploadId, parts);
    expect(file).toMatchObject({ path: 'crash/big.bin', sizeBytes: PARTS * PART_BYTES });
    expect(file.digest).toBe(sha256(Buffer.concat(bodies)));
    const download = await files.download('crash/big.bin', { range: { start: PART_BYTES - 5, end: PART_BYTES + 5 } });
    const chunks: Uint8Array[] = [];
    for await (const chunk of download.stream) chunks.push(chunk);
    const expected = Buffer.concat(bodies).subarray(PART_BYTES - 5, PART_BYTES + 5);
    expect(Buffer.concat(chunks).equals(expected)).toBe(true);
  });
});

/** Sends half of a body and leaves the rest unsent; resolves when the half is on its way. */
function sendHalf(url: string, body: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const asked = request(url, { method: 'PUT', headers: { 'content-length': body.length } });
    asked.on('error', () => undefined);
    asked.write(body.subarray(0, body.length / 2), () => resolve());
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
