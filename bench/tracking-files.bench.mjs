// @ts-check
// What clients do with files: a gigabyte up and down beside a plain copy, and the unchanged scikit-learn script beside a
// local folder.

import { compareAutolog } from './tracking/autolog.mjs';
import { compareCopies } from './tracking/copies.mjs';

/** Most of a minute per side is Python's own work: it looks for the requirements of each model in a process of its own. */
const AUTOLOG_ROUNDS = Number(process.env.FAIRLEAD_BENCH_AUTOLOG_ROUNDS ?? 1);
const COPY_ROUNDS = 3;

export async function bench() {
  return [...(await compareAutolog(AUTOLOG_ROUNDS)), ...(await compareCopies(COPY_ROUNDS))];
}
