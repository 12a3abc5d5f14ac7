import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { run } from '../../testing-io.fixture.js';
import { UP_FLAGS } from './up-flags.js';

describe('fairlead up', () => {
  it('has every setting of the server as a flag, described in the same words', () => {
    const reference = readFileSync(new URL('../../../../../docs/reference/config.md', import.meta.url), 'utf8');
    const documented = reference
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
      .map((cells) => [cells[3]?.replaceAll('`', ''), cells.at(-2)]);
    expect(UP_FLAGS.map(([flag, , description]) => [flag, description])).toEqual(documented);
  });
});

describe('fairlead completion', () => {
  it('completes commands and flags in bash', async () => {
    const { stdout } = await run(['completion', 'bash']);
    const complete = (...words: string[]) => {
      const list = words.map((word) => `'${word}'`).join(' ');
      const script = `${stdout}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _fairlead; echo "\${COMPREPLY[@]}"`;
      return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim();
    };
    expect(complete('fairlead', 'mod')).toBe('model');
    expect(complete('fairlead', 'release', 's')).toBe('start show status sign size');
    expect(complete('fairlead', 'release', 'sign', 'r1', '--ro')).toBe('--role');
  });

  it('knows the three shells and no other', async () => {
    expect((await run(['completion', 'zsh'])).stdout).toContain('bashcompinit');
    expect((await run(['completion', 'fish'])).stdout).toContain("-a rollback -d 'Go back");
    expect((await run(['completion', 'tcsh'])).exitCode).toBe(2);
  });
});

describe('fairlead version', () => {
  it('shows the version of the program without asking a server', async () => {
    const { stdout } = await run(['version', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ cli: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });
});
