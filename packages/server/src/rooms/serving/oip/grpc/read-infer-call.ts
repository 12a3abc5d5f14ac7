import type { NamedTensor } from '../../../../platform/inference/index.js';
import type { LiveModel } from '../../serving-types.js';
import { readBinaryTensor } from '../binary-tensors.js';
import { readParameters } from '../infer-parameters.js';
import { finishRequest, type InferRequest, inOrder, specOf } from '../infer-request.js';
import { badTensor } from '../json-tensors.js';
import { inputForm } from '../own-tensor.js';
import type { InferMessage } from './infer-message.js';
import { readContents } from './tensor-contents.js';

const NONE: ReadonlySet<string> = new Set();

/**
 * The request of a `ModelInferRequest` for a model: raw contents for all inputs, or typed contents for all.
 *
 * @throws SRV_TENSOR_INVALID, SRV_UNSUPPORTED, GRPC_MESSAGE_INVALID
 */
export function readInferCall(message: InferMessage, model: LiveModel): InferRequest {
  const { inputs, outputs, raw, id } = message;
  const parameters = readParameters('parameters', message.parameters);
  if (raw.length > 0 && raw.length !== inputs.length) {
    throw badTensor('raw_input_contents', {
      got: `${raw.length} tensors`,
      expected: `${inputs.length}, one per input`,
    });
  }
  const { specs, toColumns } = inputForm(
    inputs.map(({ name }) => name),
    model,
  );
  const byName = new Map<string, NamedTensor>();
  inputs.forEach((input, i) => {
    const place = `inputs[${i}]`;
    const spec = specOf(specs, input.name, place);
    if (byName.has(spec.name)) throw badTensor(`${place}.name`, { got: input.name, expected: 'each input once' });
    readParameters(`${place}.parameters`, input.parameters);
    const bytes = raw[i];
    if (bytes === undefined) byName.set(spec.name, readContents(input, spec));
    else if (input.contents === undefined || input.contents.length === 0) {
      const { datatype, shape } = input;
      byName.set(spec.name, readBinaryTensor({ datatype, shape, bytes }, spec));
    } else throw badTensor(place, { got: 'contents and raw_input_contents', expected: 'one of them' });
  });
  for (const output of outputs) readParameters(`output ${output.name}`, output.parameters);
  return finishRequest(
    {
      tensors: [...toColumns(inOrder(byName, specs))],
      outputs: outputs.length === 0 ? undefined : outputs.map(({ name }) => name),
      ...{ id, parameters, binary: NONE },
    },
    model,
  );
}
