import { spawn } from 'node:child_process';

// Entry of the process between the server and somebody's program. It leads a process group of its own, so that the program
// and all its children can be ended with one signal, and ends them itself when the server is gone.
const [program = '', ...args] = process.argv.slice(2);
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
  if (process.ppid !== parent) process.kill(-process.pid, 'SIGKILL');
}, 1000);
