import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closureOfCommand, closureOfModule } from './code-closure.js';

let folder: string;
const write = (path: string, text = '') => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const filesOf = async (argv: string[], code: string[] = []) => Object.keys(await closureOfCommand(folder, argv, code));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-code-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the code of a Python command', () => {
  it('is the script and what it imports within the project', async () => {
    write(
      'train.py',
      'import os, helper\nfrom pkg.sub import (\n  a,\n  b as c,  # two\n)\ntry:\n  import late\nexcept: pass\n',
    );
    write('helper.py', 'import numpy as np');
    write('late.py');
    write('pkg/__init__.py');
    write('pkg/sub/__init__.py', 'from ..base import x\nfrom . import near');
    write('pkg/sub/a.py');
    write('pkg/sub/near.py');
    write('pkg/base.py');
    write('other.py');
    expect(await filesOf(['python3', '-u', 'train.py'])).toEqual([
      'helper.py',
      'late.py',
      'pkg/__init__.py',
      'pkg/base.py',
      'pkg/sub/__init__.py',
      'pkg/sub/a.py',
      'pkg/sub/near.py',
      'train.py',
    ]);
  });

  it('is found beside the script, in the project folder, in src and behind -m', async () => {
    write('jobs/run.py', 'import beside, above, insrc');
    write('jobs/beside.py');
    write('above.py');
    write('src/insrc.py');
    expect(await filesOf(['python', 'jobs/run.py'])).toEqual([
      'above.py',
      'jobs/beside.py',
      'jobs/run.py',
      'src/insrc.py',
    ]);
    write('app/__main__.py', 'from app import core');
    write('app/__init__.py');
    write('app/core.py');
    expect(await filesOf(['python', '-m', 'app'])).toEqual(['app/__init__.py', 'app/__main__.py', 'app/core.py']);
  });

  it('holds files named by arguments and folders named by code, but nothing outside the project', async () => {
    write('conf/a.yaml', 'x: 1');
    write('lib/deep/x.txt', '1');
    write('lib/node_modules/y.txt', '1');
    const outside = mkdtempSync(join(tmpdir(), 'fairlead-out-'));
    writeFileSync(join(outside, 'secret.py'), '');
    symlinkSync(join(outside, 'secret.py'), join(folder, 'link.py'));
    const argv = ['tool', '--config=conf/a.yaml', 'link.py', join(outside, 'secret.py'), '..', ''];
    expect(await filesOf(argv, ['lib'])).toEqual(['conf/a.yaml', 'lib/deep/x.txt']);
    await expect(filesOf(['x'], ['nothing'])).rejects.toMatchObject({ code: 'PIP_CODE_MISSING' });
    await expect(filesOf(['x'], ['..'])).rejects.toMatchObject({ code: 'PIP_CODE_MISSING' });
    rmSync(outside, { recursive: true });
  });
});

describe('the code of a function', () => {
  it('follows relative imports of JavaScript and TypeScript, through cycles', async () => {
    write(
      'a.ts',
      "import type { B } from './b.js';\nimport x from 'package';\nexport * from './dir';\nconst y = await import('./lazy.mjs');",
    );
    write('b.ts', "import './a.ts';\nimport data from './data.json' with { type: 'json' };");
    write('dir/index.ts', "const z = require('../c');");
    write('c.cjs');
    write('lazy.mjs');
    write('data.json', '{}');
    expect(Object.keys(await closureOfModule(folder, 'a.ts'))).toEqual([
      'a.ts',
      'b.ts',
      'c.cjs',
      'data.json',
      'dir/index.ts',
      'lazy.mjs',
    ]);
  });
});
