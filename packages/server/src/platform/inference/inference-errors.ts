import { defineErrors, type ErrorSpec } from '@fairlead/kernel';

const input = (title: string, remedy: string) => ({ status: 400, fault: 'user', title, remedy }) as const;
const model = (title: string, remedy: string) => ({ status: 422, fault: 'user', title, remedy }) as const;
const busy = (title: string, remedy: string) => ({ status: 503, fault: 'system', title, remedy }) as const;

const table = {
  INF_INPUT_MISSING: input('An input tensor is missing', 'Send every input that the model metadata lists.'),
  INF_INPUT_UNKNOWN: input(
    'The model has no such input',
    'Send each input that the model metadata lists once, and no other.',
  ),
  INF_INPUT_DATATYPE: input('An input has the wrong datatype', 'Send the datatype that the model metadata lists.'),
  INF_INPUT_SHAPE: input(
    'An input has the wrong shape',
    'Send the shape that the model metadata lists; -1 there is any positive number.',
  ),
  INF_INPUT_SIZE: input('Shape and data of an input disagree', 'Send as many elements as the product of the shape.'),
  INF_OUTPUT_UNKNOWN: input('The model has no such output', 'Ask for outputs that the model metadata lists.'),
  INF_RUN_FAILED: model(
    'The model cannot compute these inputs',
    'Compare the values with those the model was trained on, for example for an unknown category.',
  ),
  INF_FILE_UNREADABLE: model('The model file cannot be read', 'Check that the file exists and may be read.'),
  INF_DIGEST_MISMATCH: {
    status: 409,
    fault: 'system',
    title: 'The model file is not the one that was approved',
    remedy: 'Restore the file from a backup or register the new bytes as a new version.',
  },
  INF_MODEL_INVALID: model('The file is no model the runtime can load', 'Export the model to ONNX again.'),
  INF_EXTERNAL_PATH: model(
    'A tensor stands in a file that is not in the folder of the model',
    'Export the model again with side files beside it: onnx.save(model, path, save_as_external_data=True).',
  ),
  INF_EXTERNAL_MISSING: model(
    'A side file of the model is missing',
    'Send every file that the export wrote, under the names it gave them, beside the model file.',
  ),
  INF_EXTERNAL_RANGE: model(
    'A tensor does not stand whole in its side file',
    'Send the side file again as the export wrote it; it may have been cut short.',
  ),
  INF_EXTERNAL_CHECKSUM: model(
    'A side file is not the one that the model was saved with',
    'Send the side file again as the export wrote it.',
  ),
  INF_EXTERNAL_TOO_LARGE: model(
    'The model and its side files are too large to be one ONNX file',
    'Make it smaller (FP16, quantisation), or serve it by a server or a program of your own as backend of the endpoint.',
  ),
  INF_MODEL_CRASHED: model(
    'The model crashed the probe process',
    'Export it with other operators or options; it is never loaded into the server.',
  ),
  INF_PROBE_TIMEOUT: model('The model did not load in time', 'Use a smaller model or raise the probe timeout.'),
  INF_PROBE_MEMORY: model(
    'The model takes more memory than any of its size should',
    'Do not use the file unless you know why; a model that grows with its input needs smaller batches.',
  ),
  INF_UNSUPPORTED_INPUT: model('The model takes an input that is no tensor', 'Export the model with tensor inputs.'),
  INF_UNSUPPORTED_OUTPUT: model(
    'The model has no output that is a tensor',
    'Export the model with tensor outputs, for example with zipmap off.',
  ),
  INF_OVERLOADED: busy('Too many runs wait for this model', 'Retry after a moment, or add inference workers.'),
  INF_NOT_LOADED: busy('The model is not loaded', 'Load the model, or send the request to a live endpoint.'),
  INF_RUN_TIMEOUT: busy(
    'The model did not answer in time',
    'Send fewer rows; when the model needs that long, raise the time limit of its runs.',
  ),
  INF_RUN_MEMORY: busy(
    'The model took more memory than it may',
    'Send fewer rows; when the model needs that much, raise the memory limit of its process.',
  ),
  INF_REMOTE_FORBIDDEN: {
    status: 403,
    fault: 'user',
    title: 'The model server may not be called',
    remedy: 'Ask the operator to name its origin in modelServers.',
  },
  INF_REMOTE_UNREACHABLE: busy('The model server is not reached', 'Start it, or mend the address or the network.'),
  INF_REMOTE_NOT_READY: busy('The model server is not ready for this model', 'Load the model there first.'),
  INF_REMOTE_ANSWER: {
    status: 502,
    fault: 'system',
    title: 'The answer of the model server cannot be used',
    remedy: 'Check that it speaks the protocol of the configuration and does what the signature says.',
  },
  INF_REMOTE_FAILED: {
    status: 502,
    fault: 'system',
    title: 'The model server failed',
    remedy: 'Read the log of the model server.',
  },
  INF_PROGRAM_FAILED: model(
    'The program of the model cannot serve',
    'Run the command by hand: it must answer its ready path with 200 on the port it is given.',
  ),
  INF_WORKER_LOST: busy('An inference worker died', 'Retry; the worker is replaced and its models are loaded again.'),
} as const satisfies Record<string, ErrorSpec>;

export const inferenceErrors = defineErrors('platform/inference', table);
export type InferenceErrorCode = keyof typeof table;
