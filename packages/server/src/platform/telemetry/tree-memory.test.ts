import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { openTreeMemory, treeOf } from './tree-memory.js';

const HELD_BYTES = 150e6;
/** Holds memory in a child of its own, in a session of its own, and says so. */
const PROGRAM = `
const { spawn } = require('node:child_process');
if (process.argv[1] === 'held') {
  global.held = Buffer.alloc(${HELD_BYTES}, 1);
  console.log('holding');
  setInterval(() => undefined, 1000);
} else {
  spawn(process.execPath, ['-e', process.env.PROGRAM, 'held'], { stdio: 'inherit' });
  process.on('SIGTERM', () => undefined);
}`;

describe('the processes below a process', () => {
  it('are its children, theirs, and who is left in a session that one of them leads', () => {
    const processes = [
      { pid: 10, parent: 1, session: 5 },
      { pid: 11, parent: 10, session: 5 },
      { pid: 20, parent: 11, session: 20 },
      { pid: 21, parent: 20, session: 20 },
      // Its parent has ended; the shell of the root, and another program of it, are nobody's business.
      { pid: 22, parent: 1, session: 20 },
      { pid: 5, parent: 1, session: 5 },
      { pid: 30, parent: 5, session: 5 },
    ];
    expect(treeOf(10, processes).sort((a, b) => a - b)).toEqual([10, 11, 20, 21, 22]);
    expect(treeOf(5, processes).sort((a, b) => a - b)).toEqual([5, 30]);
  });
});

describe.runIf(process.platform === 'linux')('the memory of a process with all below it', () => {
  it('counts what a grandchild in a session of its own holds', async () => {
    const memory = await openTreeMemory();
    const before = memory.residentBytes();
    const child = spawn(process.execPath, ['-e', PROGRAM], {
      env: { ...process.env, PROGRAM },
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      await memory.look();
      expect(memory.processes()).toBeGreaterThanOrEqual(3);
      expect(memory.residentBytes() - before).toBeGreaterThan(HELD_BYTES);
    } finally {
      process.kill(-(child.pid as number), 'SIGKILL');
      memory.stop();
    }
  });
});
