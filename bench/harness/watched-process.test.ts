import { describe, expect, it } from 'vitest';
import { freePort, parseRssBytes, startWatched } from './watched-process.mjs';

const serve = (port: number) =>
  [
    process.execPath,
    '-e',
    `console.log('up'); require('http').createServer((_, r) => r.end('ok')).listen(${port}, '127.0.0.1'); process.on('SIGTERM', () => process.exit(0));`,
  ] as [string, ...string[]];

describe('startWatched', () => {
  it('waits until the address answers, reads the memory and stops the process cleanly', async () => {
    const port = await freePort();
    const watched = await startWatched(serve(port), { url: `http://127.0.0.1:${port}/` });
    expect(watched.readyMs).toBeGreaterThan(0);
    if (process.platform === 'linux') expect(await watched.rssBytes()).toBeGreaterThan(10 * 1024 * 1024);
    expect(watched.output()).toContain('up');
    expect(await watched.stop()).toMatchObject({ code: 0, signal: null });
  });

  it('reports what a process printed when it ends instead of answering', async () => {
    const command: [string, ...string[]] = [process.execPath, '-e', 'console.error("port taken"); process.exit(1)'];
    const url = `http://127.0.0.1:${await freePort()}/`;
    await expect(startWatched(command, { url })).rejects.toThrow(/ended: port taken/);
  });
});

describe('parseRssBytes', () => {
  it('reads kibibytes', () => {
    expect(parseRssBytes('Name:\tnode\nVmPeak:\t  9 kB\nVmRSS:\t   1024 kB\n')).toBe(1_048_576);
  });

  it('says so when the process is gone', () => {
    expect(() => parseRssBytes('Name:\tnode\nState:\tZ (zombie)\n')).toThrow('has ended');
  });
});
