import { parentPort } from 'node:worker_threads';
import { inferenceErrors } from './inference-errors.js';
import { type Answer, type Reply, type Request, type RunCommand, toWire, transferable } from './inference-messages.js';
import { type OpenModel, openOnnxModel } from './open-onnx-model.js';

// Entry of an inference worker thread. Requests are served strictly one after the other: the runtime blocks the thread
// anyway, and a request's compute time must not contain its neighbour's.
const port = parentPort;
if (port === null) throw new Error('inference-worker is the entry of a worker thread and runs nowhere else');
const models = new Map<string, OpenModel>();
let last: Promise<void> = Promise.resolve();

port.on('message', (request: Request) => {
  last = last.then(() => serve(request));
});

async function serve(request: Request): Promise<void> {
  try {
    const value = await answer(request);
    const buffers = value !== null && 'startedNs' in value ? transferable(value.outputs) : [];
    post({ id: request.id, value }, buffers);
  } catch (error) {
    const fallback = request.type === 'run' ? 'INF_RUN_FAILED' : 'INF_MODEL_INVALID';
    post({ id: request.id, error: toWire(error, fallback) });
  }
  if (request.type === 'stop') port?.close();
}

function post(reply: Reply, buffers: ArrayBuffer[] = []): void {
  port?.postMessage(reply, buffers);
}

async function answer(request: Request): Promise<Answer> {
  switch (request.type) {
    case 'load': {
      const startMs = performance.now();
      const model = await openOnnxModel(request.path, request.digest);
      await models.get(request.digest)?.release();
      models.set(request.digest, model);
      return { description: model.description, loadMs: performance.now() - startMs };
    }
    case 'run':
      return compute(request);
    case 'unload':
      await models.get(request.digest)?.release();
      models.delete(request.digest);
      return null;
    case 'stop':
      for (const model of models.values()) await model.release();
      models.clear();
      return null;
  }
}

async function compute({ digest, inputs, outputs }: RunCommand): Promise<Answer> {
  const model = models.get(digest);
  if (model === undefined) throw inferenceErrors.INF_NOT_LOADED(`Model ${digest} is not in this worker.`);
  const startedNs = process.hrtime.bigint();
  const tensors = await model.run(inputs, outputs);
  return { outputs: tensors, startedNs, computeNs: Number(process.hrtime.bigint() - startedNs) };
}
