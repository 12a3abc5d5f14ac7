// @ts-check
// The fresh process in which one function is timed once. Its last line is {elapsedMs, checksum}; the checksum is taken
// after the clock stops and keeps the engine from dropping work whose result nobody reads.

import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';

const task = JSON.parse(process.argv[2] ?? '{}');
const run = (await import(task.url))[task.export];
if (typeof run !== 'function') throw new Error(`${task.url} exports no function ${task.export}`);
for (let i = 0; i < task.warmUps; i += 1) await run(...task.args);

const startedMs = performance.now();
const result = await run(...task.args);
const elapsedMs = performance.now() - startedMs;

if (result === undefined) throw new Error(`${task.export} returned nothing: a bench must return what it computed`);
const bytes = ArrayBuffer.isView(result)
  ? new Uint8Array(result.buffer, result.byteOffset, result.byteLength)
  : JSON.stringify(result);
console.log(`\n${JSON.stringify({ elapsedMs, checksum: createHash('sha256').update(bytes).digest('hex') })}`);
