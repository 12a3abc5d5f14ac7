import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireHomeLock } from './home-lock.js';

// Other processes run the built file, as they cannot load the sources.
const built = new URL('./home-lock.js', import.meta.url).href.replace('/src/platform/', '/dist/platform/');
const script = `
  import { acquireHomeLock } from ${JSON.stringify(built)};
  try { acquireHomeLock(process.argv[1]); console.log('locked'); } catch (error) { console.log(error.code); }
  setInterval(() => undefined, 1000);
`;

describe('the lock of a home folder', () => {
  let home: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'fairlead-home-'));
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map(kill));
    rmSync(home, { recursive: true, force: true });
  });

  /** Starts a process that tries to take the lock and stays alive; `answer` is what came of it. */
  const startOther = async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, home]);
    children.push(child);
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, answer: chunk.toString().trim() };
  };

  it('refuses a second holder and names the first', async () => {
    const { child, answer } = await startOther();
    expect(answer).toBe('locked');
    const refused = expect.objectContaining({ code: 'HOME_LOCKED', status: 409, fault: 'user' });
    expect(() => acquireHomeLock(home)).toThrow(refused);
    expect(() => acquireHomeLock(home)).toThrow(`Process ${child.pid} `);
  });

  it('is free at once when its holder was killed', async () => {
    const { child } = await startOther();
    await kill(child);
    acquireHomeLock(home).release();
  });

  it('stays with a holder that is only stopped for a while', async () => {
    const { child } = await startOther();
    child.kill('SIGSTOP');
    expect(() => acquireHomeLock(home)).toThrow(`Process ${child.pid} `);
  });

  it('goes to exactly one of many that want it at the same moment, also after a crash', async () => {
    await kill((await startOther()).child);
    const others = await Promise.all(Array.from({ length: 6 }, startOther));
    expect(others.map((other) => other.answer).sort()).toEqual([...Array(5).fill('HOME_LOCKED'), 'locked']);
  });

  it('holds within one process too, until it is released', async () => {
    const first = acquireHomeLock(home);
    expect(() => acquireHomeLock(home)).toThrow(`Process ${process.pid} `);
    // The refused attempt opened and closed the file, which must not have cost us the lock.
    expect((await startOther()).answer).toBe('HOME_LOCKED');
    first.release();
    const second = acquireHomeLock(home);
    first.release();
    expect(() => acquireHomeLock(home)).toThrow(`Process ${process.pid} `);
    second.release();
  });

  it('names a folder that cannot be one', () => {
    const file = join(home, 'file');
    writeFileSync(file, 'x');
    expect(() => acquireHomeLock(file)).toThrow(expect.objectContaining({ code: 'HOME_UNUSABLE' }));
  });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
