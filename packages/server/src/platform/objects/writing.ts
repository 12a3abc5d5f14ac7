import { messageOf } from '@fairlead/kernel';
import { objectsErrors } from './objects-errors.js';

/** Turns a full disk, missing rights and the like into OBJ_WRITE_FAILED. */
export async function writing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw objectsErrors.OBJ_WRITE_FAILED(`The object folder refuses the write: ${messageOf(cause)}`, { cause });
  }
}
