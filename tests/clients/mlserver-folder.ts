import { dirname } from 'node:path';
import type { FairleadClient } from '@fairlead/sdk';
import { mlflowEnvironment } from '../../bench/harness/mlflow-environment.mjs';

const tensor = (name: string) => ({ name, datatype: 'FP32', shape: [-1, 1] });

/** A model of MLServer's own, with a signature: 2 · wind + cars. */
const FILES: Readonly<Record<string, string>> = {
  MLmodel: JSON.stringify({
    flavors: { python_function: { loader_module: 'runtime' } },
    signature: {
      inputs: JSON.stringify([
        { name: 'wind', type: 'double' },
        { name: 'cars', type: 'long' },
      ]),
      outputs: JSON.stringify([{ type: 'double' }]),
    },
  }),
  'settings.json': JSON.stringify({ parallel_workers: 0 }),
  'model-settings.json': JSON.stringify({
    ...{ name: 'sum', implementation: 'runtime.Sum', parameters: { version: '1' } },
    ...{ inputs: [tensor('wind'), tensor('cars')], outputs: [tensor('prediction')] },
  }),
  'runtime.py': `
import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse

class Sum(MLModel):
    async def load(self):
        return True

    async def predict(self, payload):
        got = {one.name: NumpyCodec.decode_input(one) for one in payload.inputs}
        total = (got["wind"] * 2 + got["cars"]).astype(np.float32).reshape(-1, 1)
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("prediction", total)])
`,
};

/** Registers the folder and serves it in the environment test by the unchanged `mlserver start`. */
export async function serveByMlserver(client: FairleadClient): Promise<void> {
  const logged = await client.loggedModels.create({ experimentId: '0', name: 'sum' });
  const root = logged.artifactRoot.replace('artifacts:/', '');
  for (const [path, text] of Object.entries(FILES)) {
    await client.files.upload(`${root}/${path}`, { body: Buffer.from(text) });
  }
  await client.modelRecords.create({ name: 'sum' });
  await client.modelRecords.register('sum', { source: `logged-model:${logged.id}` });
  while ((await client.modelRecords.version('sum', 1)).servable === 'pending') {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { python } = await mlflowEnvironment('triton');
  const ports = ['MLSERVER_HTTP_PORT={port}', 'MLSERVER_GRPC_PORT=0', 'MLSERVER_METRICS_PORT=0'];
  const command = ['env', `PATH=${dirname(python)}:/usr/bin:/bin`, ...ports, 'mlserver', 'start', '{model}'];
  await client.endpoints.declare('sum', {
    model: 'sum',
    configuration: { backend: { kind: 'program', model: 'sum', startTimeoutMs: 120_000, command } },
  });
  await client.endpoints.deploy('sum', 1);
}
