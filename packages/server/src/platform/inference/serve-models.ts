import { inferenceErrors } from './inference-errors.js';
import { type Answer, type Reply, type Request, type RunCommand, toWire } from './inference-messages.js';
import { type OpenModel, openOnnxModel } from './open-onnx-model.js';
import { packTexts } from './packed-texts.js';

/**
 * The inside of a worker. Requests are served strictly one after the other: the runtime blocks the thread anyway, and a
 * request's compute time must not contain its neighbour's.
 */
export function serveModels(post: (reply: Reply) => void, end: () => void): (request: Request) => void {
  const models = new Map<string, OpenModel>();
  let last: Promise<void> = Promise.resolve();
  const serve = async (request: Request): Promise<void> => {
    try {
      post({ id: request.id, value: await answer(models, request) });
    } catch (error) {
      const fallback = request.type === 'run' ? 'INF_RUN_FAILED' : 'INF_MODEL_INVALID';
      post({ id: request.id, error: toWire(error, fallback) });
    }
    if (request.type === 'stop') end();
  };
  return (request) => {
    last = last.then(() => serve(request));
  };
}

async function answer(models: Map<string, OpenModel>, request: Request): Promise<Answer> {
  switch (request.type) {
    case 'load': {
      const startMs = performance.now();
      const model = await openOnnxModel(request.path, request.digest);
      await models.get(request.key)?.release();
      models.set(request.key, model);
      return { description: model.description, loadMs: performance.now() - startMs };
    }
    case 'run':
      return compute(models, request);
    case 'unload':
      await models.get(request.key)?.release();
      models.delete(request.key);
      return null;
    case 'stop':
      for (const model of models.values()) await model.release();
      models.clear();
      return null;
  }
}

async function compute(models: Map<string, OpenModel>, { key, inputs, outputs }: RunCommand): Promise<Answer> {
  const model = models.get(key);
  if (model === undefined) throw inferenceErrors.INF_NOT_LOADED(`Model ${key} is not in this worker.`);
  const startedNs = process.hrtime.bigint();
  const tensors = await model.run(inputs, outputs);
  const computeNs = Number(process.hrtime.bigint() - startedNs);
  return { outputs: tensors.map(packTexts), startedNs, computeNs };
}
