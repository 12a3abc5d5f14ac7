import { createSmoMemory, type SmoMemory, type SmoSize } from './smo-memory.js';

interface Spare {
  readonly size: SmoSize;
  readonly memory: SmoMemory;
}

/**
 * What the last fit of this thread worked in. A search fits many machines of one size, and the system may take as long to
 * clear fresh pages as a fit takes to compute. Held weakly: a thread that fits no more frees it.
 */
let spare: WeakRef<Spare> | undefined;

/** A memory for problems of this size; it may hold what another fit left in it. */
function takeMemory(size: SmoSize): Spare {
  const kept = spare?.deref();
  spare = undefined;
  return kept && isRoomFor(kept.size, size) ? kept : { size, memory: createSmoMemory(size) };
}

/** Runs `use` with a memory for problems of this size, which must not leave it. */
export function withSmoMemory<Result>(size: SmoSize, use: (memory: SmoMemory) => Result): Result {
  const taken = takeMemory(size);
  try {
    return use(taken.memory);
  } finally {
    spare = new WeakRef(taken);
  }
}

function isRoomFor(given: SmoSize, wanted: SmoSize): boolean {
  return (
    given.rows >= wanted.rows &&
    given.rows <= 2 * wanted.rows &&
    given.width === wanted.width &&
    given.variablesPerRow === wanted.variablesPerRow &&
    given.cacheSizeMb === wanted.cacheSizeMb
  );
}
