// @ts-check
// What clients do with files: a gigabyte up and down beside a plain copy, and the unchanged scikit-learn script beside a
// local folder.

import { compareAutolog } from './tracking/autolog.mjs';
import { compareCopies } from './tracking/copies.mjs';

const ROUNDS = 3;

export async function bench() {
  return [...(await compareAutolog(ROUNDS)), ...(await compareCopies(ROUNDS))];
}
