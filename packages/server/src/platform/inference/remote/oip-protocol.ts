import type { NamedTensor } from '../inference-types.js';
import type { ModelServerClient } from './call-server.js';
import { joinColumns, type Matrix, splitMatrix } from './column-matrix.js';
import { type ModelProtocol, notReady, type RemoteDescription, refuse, unusable } from './model-protocol.js';
import { readInferAnswer, readMetadata, writeInferRequest } from './oip-body.js';

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

/** The Open Inference Protocol version 2 with binary tensors, as Triton, KServe, MLServer and Fairlead speak it. */
export function oipProtocol({ model, version, matrix, outputNames = {} }: OipOptions): ModelProtocol {
  const path = `/v2/models/${encodeURIComponent(model)}${version === undefined ? '' : `/versions/${encodeURIComponent(version)}`}`;
  const here = new Map(Object.entries(outputNames).map(([ours, theirs]) => [theirs, ours]));
  let joined: RemoteDescription['inputs'][number] | undefined;
  return {
    model,
    readyPath: '/v2/health/ready',
    describe: async (client) => {
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
      const { body, jsonBytes } = writeInferRequest(
        sent,
        wanted.map((name) => outputNames[name] ?? name),
      );
      const answer = await client.call(`${path}/infer`, {
        body,
        headers: {
          'content-type': 'application/octet-stream',
          'inference-header-content-length': String(jsonBytes),
        },
      });
      if (answer.status !== 200) throw refuse(answer);
      const length = answer.headers['inference-header-content-length'];
      const asked = wanted.map((name) => outputNames[name] ?? name);
      const read = readInferAnswer(answer.body, length === undefined ? undefined : Number(length), asked);
      return read.map((tensor, i): NamedTensor => ({ ...tensor, name: wanted[i] as string }));
    },
  };
}

async function readDescription(client: ModelServerClient, { model, path }: { model: string; path: string }) {
  const ready = await client.call(`${path}/ready`);
  if (ready.status !== 200) throw notReady(client.url, model, `${path}/ready answers ${ready.status}`);
  const metadata = await client.call(path);
  if (metadata.status !== 200) throw notReady(client.url, model, `${path} answers ${metadata.status}`);
  return readMetadata(metadata.body);
}
