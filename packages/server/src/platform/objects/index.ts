export { createLocalObjectStore, type LocalObjectStoreOptions } from './local-object-store.js';
export { objectsErrors } from './objects-errors.js';
export { isDigest, type ObjectRef, type ObjectStore } from './objects-types.js';
