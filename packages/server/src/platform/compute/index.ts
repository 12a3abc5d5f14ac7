export { type ClosableThreadPool, createThreadPool } from './create-thread-pool.js';
export { runInThread } from './run-in-thread.js';
export { serveThread, transferableBuffers } from './serve-thread.js';
export { workerEntry } from './worker-entry.js';
