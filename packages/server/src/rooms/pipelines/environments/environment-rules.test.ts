import { describe, expect, it } from 'vitest';
import { installedByNpm, planRebuild, requirementsOf, toolMessage, unpinnedRequirements } from './environment-rules.js';

const lock = (name: string, digest = 'aa') => ({ name, digest, folder: '/code' });

describe('what is installed before a step is done again', () => {
  const both = [lock('package-lock.json'), lock('requirements.txt')];

  it('is what the program of the step can use', () => {
    const builds = (program: string | null) => planRebuild(program, { 'requirements.txt': 'aa' }, both);
    expect(builds('.venv/bin/python3.11')).toEqual({ build: [both[1]] });
    expect(builds('node')).toEqual({ build: [both[0]] });
    expect(builds(null)).toEqual({ build: [both[0]] });
    expect(builds('bash')).toEqual({ build: both });
  });

  it('is nothing, said aloud, when the code has no lock file for it', () => {
    expect(planRebuild('python3', {}, [lock('package-lock.json')])).toEqual({
      current: 'the record names no lock file of its packages',
    });
  });

  it('is refused when the lock file of the record is gone, is another, or cannot be installed from', () => {
    const record = { 'requirements.txt': 'aa' };
    expect(planRebuild('python', record, [])).toEqual({
      failed: 'requirements.txt aa of the record is not in the code that the record keeps',
    });
    expect(planRebuild('python', record, [lock('requirements.txt', 'bb')])).toEqual({
      failed: 'requirements.txt aa of the record is now bb',
    });
    expect(planRebuild('python', {}, [lock('poetry.lock')])).toEqual({
      failed: 'Fairlead installs from package-lock.json, uv.lock, requirements.txt, not from poetry.lock',
    });
    expect(
      planRebuild(
        'uv',
        {},
        ['poetry.lock', 'requirements.txt', 'uv.lock'].map((name) => lock(name)),
      ),
    ).toMatchObject({
      build: [{ name: 'uv.lock' }],
    });
  });
});

describe('what an installer says', () => {
  it('is told by its lines of errors', () => {
    const pip =
      'Looking in links: /x\nERROR: Could not find a version\nERROR: No matching distribution found for a==1\n';
    expect(toolMessage(pip)).toBe('ERROR: Could not find a version ERROR: No matching distribution found for a==1');
    const npm =
      'npm error code ENOTCACHED\nnpm error\nnpm error A complete log of this run can be found in: /x/y.log\n';
    expect(toolMessage(npm)).toBe('code ENOTCACHED');
  });

  it('is its last line when it names no error', () => {
    expect(toolMessage('one\nThe virtual environment was not created.\n\n')).toBe(
      'The virtual environment was not created.',
    );
    expect(toolMessage('')).toBe('it printed nothing');
  });
});

describe('a requirement', () => {
  it('is pinned by a version, an address or a path', () => {
    const text = [
      'numpy==2.1.0 \\',
      '    --hash=sha256:00',
      'pandas>=2 # newest',
      'scipy',
      'tiny @ file:///tiny.whl',
      './local.whl',
      'torch; python_version == "3.11"',
      '-r more.txt',
      '# a comment',
    ].join('\n');
    expect(requirementsOf(text).slice(0, 2)).toEqual(['numpy==2.1.0', 'pandas>=2']);
    expect(unpinnedRequirements(text)).toEqual(['pandas>=2', 'scipy', 'torch; python_version == "3.11"']);
  });
});

describe('what npm wrote down', () => {
  it('is every package below node_modules with its version, links by that word', () => {
    const hidden = { packages: { dep: { version: '1.0.0' }, 'node_modules/dep': { link: true } } };
    const nested = { 'node_modules/a/node_modules/@s/b': { version: '2.0.0' } };
    expect(installedByNpm(JSON.stringify({ packages: { ...hidden.packages, ...nested } }))).toEqual([
      '@s/b@2.0.0',
      'dep@link',
    ]);
    expect(['{}', 'no JSON', 'null', '{"packages":3}'].map(installedByNpm)).toEqual([[], [], [], []]);
  });
});
