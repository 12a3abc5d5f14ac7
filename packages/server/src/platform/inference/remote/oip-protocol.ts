import { inferenceErrors } from '../inference-errors.js';
import type { NamedTensor } from '../inference-types.js';
import type { ModelServerClient } from './call-server.js';
import { joinColumns, type Matrix, splitMatrix } from './column-matrix.js';
import { type ModelProtocol, notReady, type RemoteDescription, refuse, unusable } from './model-protocol.js';
import { readInferAnswer, readMetadata, takesBinaryTensors, writeInferRequest, writeJsonRequest } from './oip-body.js';

export interface OipOptions {
  /** Its name there. */
  readonly model: string;
  /** Absent: whichever the server chooses. */
  readonly version?: string;
  /** The columns stand in one tensor there. */
  readonly matrix?: Matrix;
  /** What outputs are called there, by the name they have here. */
  readonly outputNames?: Readonly<Record<string, string>>;
}

/** The Open Inference Protocol version 2 with binary tensors where the server takes them, as Triton, KServe, MLServer and Fairlead speak it. */
export function oipProtocol({ model, version, matrix, outputNames = {} }: OipOptions): ModelProtocol {
  const path = `/v2/models/${encodeURIComponent(model)}${version === undefined ? '' : `/versions/${encodeURIComponent(version)}`}`;
  const here = new Map(Object.entries(outputNames).map(([ours, theirs]) => [theirs, ours]));
  let joined: RemoteDescription['inputs'][number] | undefined;
  let takesBinary = false;
  return {
    model,
    readyPath: '/v2/health/ready',
    describe: async (client) => {
      const server = await client.call('/v2');
      takesBinary = server.status === 200 && takesBinaryTensors(server.body);
      const { inputs, outputs } = await readDescription(client, { model, path });
      const missing = Object.values(outputNames).find((name) => !outputs.some((output) => output.name === name));
      if (missing !== undefined) throw unusable(`it has no output ${missing}`);
      const named = outputs.map((output) => ({ ...output, name: here.get(output.name) ?? output.name }));
      if (matrix === undefined) return { inputs, outputs: named };
      joined = inputs.find(({ name }) => name === matrix.input);
      return { inputs: splitMatrix(inputs, matrix), outputs: named };
    },
    compute: async (client, inputs, wanted) => {
      const sent = matrix === undefined || joined === undefined ? inputs : [joinColumns(inputs, matrix, joined)];
      const asked = wanted.map((name) => outputNames[name] ?? name);
      const answer = await client.call(`${path}/infer`, requestOf(sent, asked, takesBinary));
      if (answer.status !== 200) throw refuse(answer);
      const length = answer.headers['inference-header-content-length'];
      const read = readInferAnswer(answer.body, length === undefined ? undefined : Number(length), asked);
      return read.map((tensor, i): NamedTensor => ({ ...tensor, name: wanted[i] as string }));
    },
  };
}

/** Binary where the server says that it takes it, as Triton does; MLServer takes JSON alone. @throws INF_RUN_FAILED */
function requestOf(inputs: readonly NamedTensor[], outputs: readonly string[], takesBinary: boolean) {
  if (takesBinary) {
    const { body, jsonBytes } = writeInferRequest(inputs, outputs);
    const headers = {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(jsonBytes),
    };
    return { body, headers };
  }
  const json = writeJsonRequest(inputs, outputs);
  if (json !== null) return { body: json.body, headers: { 'content-type': 'application/json' } };
  throw inferenceErrors.INF_RUN_FAILED(
    'The model server takes JSON alone, which has no form for a missing or infinite number, for FP16 and for numbers beyond 2^53.',
  );
}

async function readDescription(client: ModelServerClient, { model, path }: { model: string; path: string }) {
  const ready = await client.call(`${path}/ready`);
  if (ready.status !== 200) throw notReady(client.url, model, `${path}/ready answers ${ready.status}`);
  const metadata = await client.call(path);
  if (metadata.status !== 200) throw notReady(client.url, model, `${path} answers ${metadata.status}`);
  return readMetadata(metadata.body);
}
