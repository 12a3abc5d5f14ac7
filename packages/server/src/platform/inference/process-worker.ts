import { Worker } from 'node:worker_threads';
import { serveModels } from './serve-models.js';

// Entry of a model's own process. It ends when the server tells it to, or when the server is gone.
if (process.send === undefined) throw new Error('process-worker is the entry of a child process and runs nowhere else');

const serve = serveModels(
  (reply) => process.send?.(reply),
  () => process.disconnect(),
);
process.on('message', serve as (message: unknown) => void);
process.once('disconnect', () => process.exit(0));
// A key pressed in the terminal reaches the whole group: the server decides when its models stop.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

// Inside the runtime this thread hears of nothing. Another one sees that the server has died, and ends a run without end.
const watch = `const parent = ${process.ppid};
setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 1000);`;
new Worker(watch, { eval: true, execArgv: [], stdout: false, stderr: false }).unref();
