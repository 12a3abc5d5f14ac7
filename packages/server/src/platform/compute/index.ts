export { runInThread } from './run-in-thread.js';
export { serveThread, transferableBuffers } from './serve-thread.js';
