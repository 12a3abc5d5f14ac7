export { type CollectReport, collectGarbage } from './collect-garbage.js';
export { digestsIn } from './digest-text-rules.js';
export { type FileSet, putFileSet, readFileSet, writeFileSet } from './file-set.js';
export { createLocalObjectStore, type LocalObjectStoreOptions } from './local-object-store.js';
export type { ObjectHolder } from './object-holder.js';
export { objectsErrors } from './objects-errors.js';
export {
  type ByteRange,
  isDigest,
  type ObjectRef,
  type ObjectStore,
  type PartStore,
  type StoredObject,
} from './objects-types.js';
