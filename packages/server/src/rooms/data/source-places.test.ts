import { symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isPrivateAddress } from '../../platform/outgoing/index.js';
import { context, openTestHome, type TestHome } from './data.fixture.js';

const columns = { a: { type: 'integer' as const } };
let home: TestHome;
let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = request.url ?? '';
    if (url === '/ok.csv') response.end('a\n1\n2\n');
    else if (url === '/typed') response.setHeader('content-type', 'text/csv').end('a\n1\n');
    else if (url === '/moved') response.writeHead(302, { location: '/ok.csv' }).end();
    else if (url === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (url === '/file') response.writeHead(302, { location: 'file:///etc/passwd' }).end();
    else if (url === '/cut.csv') {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('a\n1\n');
      setTimeout(() => response.destroy(), 20);
    } else if (url === '/big.csv') response.end(Buffer.alloc(100_000, 'x'));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
afterEach(() => home.dispose());

async function ingest(path: string, options: Parameters<typeof openTestHome>[0] = {}) {
  home = await openTestHome(options);
  await home.data.declare(context, 'd', { source: { path: 'unused.csv', columns } });
  return home.data.ingest(context, { dataset: 'd', source: { path } });
}

describe('an address as a source', () => {
  it('is streamed into the object store, over redirects', async () => {
    const { delivery } = await ingest(`${base}/moved`, { allowPrivateUrls: true });
    expect(delivery).toMatchObject({ acceptedRows: 2, sourceFiles: [{ name: 'ok.csv', sizeBytes: 6 }] });
    expect(Buffer.from(await home.objects.readBytes(delivery.sourceDigest)).toString()).toBe('a\n1\n2\n');
    const typed = await home.data.ingest(context, { dataset: 'd', source: { path: `${base}/typed` } });
    expect(typed.delivery.acceptedRows).toBe(1);
  });

  it('on this machine is refused unless the operator allows it', async () => {
    await expect(ingest(`${base}/ok.csv`)).rejects.toMatchObject({ code: 'DATA_URL_FORBIDDEN' });
    await home.dispose();
    await expect(ingest(`http://localhost:${new URL(base).port}/ok.csv`)).rejects.toMatchObject({
      code: 'DATA_URL_FORBIDDEN',
    });
  });

  it('is judged again at every redirect', async () => {
    const fetch = async (url: string) =>
      url.includes('1.1.1.1')
        ? new Response(null, { status: 302, headers: { location: `${base}/ok.csv` } })
        : new Response('a\n1\n');
    await expect(ingest('http://1.1.1.1/start.csv', { fetch })).rejects.toMatchObject({ code: 'DATA_URL_FORBIDDEN' });
  });

  it.each([
    ['/missing.csv', 'DATA_URL_FAILED'],
    ['/loop', 'DATA_URL_FAILED'],
    ['/file', 'DATA_URL_FORBIDDEN'],
    ['/cut.csv', 'DATA_URL_FAILED'],
    ['/big.csv', 'OBJ_TOO_LARGE'],
  ])('that misbehaves at %s fails with %s', async (path, code) => {
    const work = ingest(base + path, { allowPrivateUrls: true, maxSourceBytes: 50_000 });
    await expect(work).rejects.toMatchObject({ code });
  });

  it.each(['ftp://example.org/a.csv', 'file:///etc/passwd', 'http://user:secret@1.1.1.1/a.csv'])(
    'may not be %s',
    async (path) => {
      await expect(ingest(path)).rejects.toMatchObject({ code: 'DATA_URL_FORBIDDEN' });
    },
  );
});

describe('an internet address', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1%eth0',
    'fc00::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'nonsense',
  ])('%s is private', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });
  it.each(['1.1.1.1', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])('%s is public', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
});

describe('a path as a source', () => {
  it('cannot leave the roots by dots, by an absolute path or by a symbolic link', async () => {
    home = await openTestHome();
    await home.data.declare(context, 'd', { source: { path: 'link.csv', columns } });
    const outside = join(dirname(home.folder), 'outside.csv');
    writeFileSync(outside, 'a\n1\n');
    symlinkSync(outside, join(home.folder, 'link.csv'));
    symlinkSync(dirname(home.folder), join(home.folder, 'folder'));
    for (const path of [
      'link.csv',
      '../outside.csv',
      outside,
      'folder',
      'folder/outside.csv',
      '/etc/passwd',
      '../nothing.csv',
    ]) {
      const request = { dataset: 'd', source: { path, format: 'csv' as const } };
      await expect(home.data.ingest(context, request), path).rejects.toMatchObject({ code: 'DATA_PATH_FORBIDDEN' });
      await expect(home.data.checkSource(request), path).rejects.toMatchObject({ code: 'DATA_PATH_FORBIDDEN' });
    }
  });

  it('must have the name of a data file, so that no database or secret is read as text', async () => {
    home = await openTestHome();
    await home.data.declare(context, 'd', { source: { path: 'x.csv', columns } });
    for (const name of ['fairlead.db', '.env', 'pepper', '.hidden.csv']) {
      home.write(name, 'a\n1\n');
      const request = { dataset: 'd', source: { path: name, format: 'csv' as const } };
      await expect(home.data.ingest(context, request), name).rejects.toMatchObject({ code: 'DATA_PATH_FORBIDDEN' });
    }
    await expect(home.data.ingest(context, { dataset: 'd' })).rejects.toMatchObject({ code: 'DATA_SOURCE_NOT_FOUND' });
  });
});
