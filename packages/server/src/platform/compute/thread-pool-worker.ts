import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { createKernel, type Kernel } from '@fairlead/num';
import { toWire } from './compute-messages.js';
import {
  CELL,
  HALT,
  type OpenRegion,
  ORDER,
  type PoolThreadNews,
  type PoolThreadStart,
  SPINS,
} from './thread-pool-messages.js';

const { control, port, member, size } = workerData as PoolThreadStart;
const kernels = new Map<number, Kernel>();

function nextGeneration(seen: number): number {
  for (let spin = 0; spin < SPINS; spin += 1) {
    const now = Atomics.load(control, CELL.generation);
    if (now !== seen) return now;
  }
  Atomics.wait(control, CELL.generation, seen);
  return Atomics.load(control, CELL.generation);
}

function obey(order: number): void {
  const region = control[CELL.region] as number;
  if (order === ORDER.open) {
    const received: { message: OpenRegion } | undefined = receiveMessageOnPort(port);
    if (received === undefined) throw new Error('an order to open a region came without one');
    const { kernel, state } = received.message;
    kernels.set(region, createKernel(kernel, state));
  } else if (order === ORDER.run) {
    kernels.get(region)?.run(control[CELL.command] as number, control[CELL.argument] as number, member, size);
  } else {
    kernels.delete(region);
  }
}

let seen = 0;
for (;;) {
  const now = nextGeneration(seen);
  if (now === seen) continue;
  seen = now;
  const order = control[CELL.order] as number;
  if (order === ORDER.end) break;
  try {
    obey(order);
  } catch (error) {
    port.postMessage({ error: toWire(error) } satisfies PoolThreadNews);
    Atomics.compareExchange(control, CELL.halt, HALT.none, HALT.failed);
  }
  Atomics.sub(control, CELL.pending, 1);
  Atomics.notify(control, CELL.pending);
}
port.close();
