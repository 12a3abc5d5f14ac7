import { checkInputs } from './check-inputs.js';
import { toWire, type WireError } from './inference-messages.js';
import type { ModelDescription, NamedTensor } from './inference-types.js';
import { openOnnxModel } from './open-onnx-model.js';

// Entry of the disposable process that meets an unknown model first. It may crash, hang or eat memory; the server stays.
export interface ProbeRequest {
  readonly path: string;
  readonly expectedDigest?: string;
  readonly goldenInputs?: readonly NamedTensor[];
}
export type ProbeReply =
  | {
      readonly description: ModelDescription;
      readonly operators: readonly string[];
      readonly goldenOutputs?: readonly NamedTensor[];
      readonly costMs?: number;
    }
  | { readonly error: WireError };

async function probe({ path, expectedDigest, goldenInputs }: ProbeRequest): Promise<ProbeReply> {
  try {
    const { description, run, operators: read } = await openOnnxModel(path, expectedDigest);
    const operators = read();
    if (goldenInputs === undefined) return { description, operators };
    checkInputs(description, goldenInputs);
    const names = description.outputs.map((spec) => spec.name);
    const goldenOutputs = await run(goldenInputs, names);
    // The first run warms up.
    const startMs = performance.now();
    await run(goldenInputs, names);
    return { description, operators, goldenOutputs, costMs: performance.now() - startMs };
  } catch (error) {
    return { error: toWire(error, 'INF_MODEL_INVALID') };
  }
}

process.once('message', async (request: ProbeRequest) => {
  const reply = await probe(request);
  process.send?.(reply, () => process.disconnect());
});
