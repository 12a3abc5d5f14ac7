import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

// Entry of the process between the server and somebody's program. It leads a process group of its own, so that the program
// and all its children can be ended with one signal, and ends them itself when the server is gone, and removes the model's folder,
// when it was made for them.
const [scratch = '', program = '', ...args] = process.argv.slice(2);
const parent = process.ppid;
const child = spawn(program, args, { stdio: 'inherit' });

child.once('error', (error) => {
  process.stderr.write(`${error.message}\n`, () => process.exit(127));
});
child.once('exit', (code) => process.exit(code ?? 1));
// The program gets the same signal as a member of the group, and decides how long it takes.
process.on('SIGTERM', () => undefined);
process.on('SIGINT', () => undefined);
setInterval(() => {
  if (process.ppid === parent) return;
  child.kill('SIGKILL');
  if (scratch !== '') rmSync(scratch, { recursive: true, force: true });
  process.kill(-process.pid, 'SIGKILL');
}, 1000);
