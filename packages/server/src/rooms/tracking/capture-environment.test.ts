import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalObjectStore, type ObjectStore } from '../../platform/objects/index.js';
import { captureEnvironment, readLockfiles } from './capture-environment.js';

describe('the environment of a run', () => {
  let root: string;
  let folder: string;
  let objects: ObjectStore;
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: folder,
      stdio: 'pipe',
    });
  const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
  const capture = () => captureEnvironment({ objects, version: '1.2.3' }, { folder, seeds: { trainer: 7 } });
  const diffOf = async (digest: string | null | undefined) =>
    Buffer.from(await objects.readBytes(digest ?? '')).toString();

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'fairlead-env-'));
    folder = join(root, 'project');
    mkdirSync(folder);
    objects = createLocalObjectStore(join(root, 'objects'));
    git('init', '-q', '-b', 'main');
    write('train.py', 'print(1)\n');
    write('.env', 'TOKEN=old\n');
    git('add', '-f', '.');
    git('commit', '-qm', 'first');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('names commit and branch of a clean folder and has no diff', async () => {
    const environment = await capture();
    expect(environment.git).toMatchObject({ branch: 'main', dirty: false, diffDigest: null });
    expect(environment.git?.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(environment).toMatchObject({ seeds: { trainer: 7 }, fairleadVersion: '1.2.3', command: null });
  });

  it('keeps the diff with untracked files and without secrets', async () => {
    write('train.py', 'print(2)\n');
    write('new file.py', 'print(3)\n');
    write('.env', 'TOKEN=changed\n');
    write('server.pem', 'PRIVATE');
    const { git: state } = await capture();
    expect(state?.dirty).toBe(true);
    const diff = await diffOf(state?.diffDigest);
    expect(diff).toContain('+print(2)');
    expect(diff).toContain('+print(3)');
    expect(diff).not.toMatch(/TOKEN|PRIVATE/);
    expect(git('status', '--porcelain').toString()).toContain('?? "new file.py"');
  });

  it('sees a change of the same size in the second of the last add', async () => {
    const time = 1_700_000_000;
    git('config', 'core.trustctime', 'false');
    utimesSync(join(folder, 'train.py'), time, time);
    git('add', 'train.py');
    utimesSync(join(folder, '.git', 'index'), time, time);
    write('train.py', 'print(2)\n');
    utimesSync(join(folder, 'train.py'), time, time);
    expect(await diffOf((await capture()).git?.diffDigest)).toContain('+print(2)');
  });

  it('names large untracked files instead of storing them', async () => {
    write('big.bin', 'x'.repeat(2 ** 20 + 1));
    const diff = await diffOf((await capture()).git?.diffDigest);
    expect(diff).toBe('# not included, larger than 1 MiB: big.bin\n');
  });

  it('restores the work tree when the diff is applied to the commit', async () => {
    write('train.py', 'print(2)\n');
    write('other.py', 'print(3)\n');
    const diff = await diffOf((await capture()).git?.diffDigest);
    git('checkout', '-q', '.');
    rmSync(join(folder, 'other.py'));
    writeFileSync(join(root, 'patch'), diff);
    git('apply', join(root, 'patch'));
    expect(execFileSync('cat', ['train.py', 'other.py'], { cwd: folder }).toString()).toBe('print(2)\nprint(3)\n');
  });

  it('takes the folder of the server for no change', async () => {
    mkdirSync(join(folder, '.fairlead'));
    write('.fairlead/fairlead.db', 'x');
    expect((await capture()).git?.dirty).toBe(false);
  });

  it('says null where there is no repository', async () => {
    const bare = mkdtempSync(join(tmpdir(), 'fairlead-env-'));
    const environment = await captureEnvironment({ objects, version: '1' }, { folder: bare, seeds: {} });
    expect(environment.git).toBeNull();
    rmSync(bare, { recursive: true });
  });

  it('finds the nearest lock file up to the root of the repository', async () => {
    mkdirSync(join(folder, 'sub'));
    expect(await readLockfiles(join(folder, 'sub'))).toEqual([]);
    write('uv.lock', 'a');
    expect(await readLockfiles(join(folder, 'sub'))).toMatchObject([{ name: 'uv.lock' }]);
    write('sub/requirements.txt', 'b');
    expect(await readLockfiles(join(folder, 'sub'))).toMatchObject([{ name: 'requirements.txt' }]);
  });
});
