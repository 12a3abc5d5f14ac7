import { parentPort } from 'node:worker_threads';
import { transferable } from './inference-messages.js';
import { serveModels } from './serve-models.js';

// Entry of an inference worker thread.
const port = parentPort;
if (port === null) throw new Error('inference-worker is the entry of a worker thread and runs nowhere else');
const serve = serveModels(
  (reply) => {
    const value = 'value' in reply ? reply.value : null;
    port.postMessage(reply, value !== null && 'startedNs' in value ? transferable(value.outputs) : []);
  },
  () => port.close(),
);
port.on('message', serve);
