import type { Gather, GatheredOperation, Reader } from './db-types.js';

/**
 * Runs an operation, once for all changes of a shared transaction that ask for it in the same turn of the program. It is sent a
 * little later than other statements, and operations go in the order in which the first of each was asked for: what has to
 * come one after the other belongs into one operation, or has to wait.
 */
export async function gather<In, Out>(reader: Reader, operation: GatheredOperation<In, Out>, input: In): Promise<Out> {
  if (reader.gather !== undefined) return reader.gather(operation, input);
  return (await operation(reader, [input]))[0] as Out;
}

interface Waiting {
  readonly inputs: unknown[];
  readonly outputs: Promise<readonly unknown[]>;
}

/** Gathers on one connection what is asked for until nothing else of this turn is left to run. */
export function createGather(reader: Reader): Gather {
  const waiting = new Map<GatheredOperation<never, unknown>, Waiting>();
  const next = (operation: GatheredOperation<never, unknown>): Waiting => {
    const inputs: unknown[] = [];
    // Behind everything that the answers before have woken: ticks come when no such work is left.
    const outputs = new Promise<void>((resolve) => queueMicrotask(() => process.nextTick(resolve))).then(() => {
      waiting.delete(operation);
      return operation(reader, inputs as never[]);
    });
    const made = { inputs, outputs };
    waiting.set(operation, made);
    return made;
  };
  return async <In, Out>(operation: GatheredOperation<In, Out>, input: In): Promise<Out> => {
    const { inputs, outputs } = waiting.get(operation) ?? next(operation);
    const place = inputs.push(input) - 1;
    return (await outputs)[place] as Out;
  };
}
