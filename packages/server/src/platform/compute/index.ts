export { fromWire, toWire, type WireError } from './compute-messages.js';
export { type ClosableThreadPool, createThreadPool } from './create-thread-pool.js';
export { runInProcess } from './run-in-process.js';
export { runInThread } from './run-in-thread.js';
export { serveProcess } from './serve-process.js';
export { serveRequests } from './serve-requests.js';
export { serveThread, transferableBuffers } from './serve-thread.js';
export { openThreadTeam, type ThreadTeam } from './thread-team.js';
export { workerEntry } from './worker-entry.js';
