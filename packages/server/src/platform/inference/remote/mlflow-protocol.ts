import type { NamedTensor } from '../inference-types.js';
import type { ServerAnswer } from './call-server.js';
import { type MlflowColumn, writeDataframe, writeTensor } from './mlflow-dataframe.js';
import { type PredictionForm, readPredictions, recogniseForm } from './mlflow-predictions.js';
import { type ModelProtocol, notReady, refuse, unusable } from './model-protocol.js';

export interface MlflowOptions {
  /** What the model reads, as its signature says. */
  readonly columns: readonly MlflowColumn[];
  /** Class labels in the order of probabilities; empty for a model that gives numbers. */
  readonly labels: readonly string[];
  /** Rows that it can answer: what it gives is learnt from them, as the protocol has no metadata. */
  readonly examples: readonly NamedTensor[];
  /** Its columns are one tensor there, of that name or the only one. Absent: a data frame. */
  readonly tensor?: { readonly name: string | null };
}

/** What `mlflow models serve` speaks: /ping, and rows to /invocations as a data frame or a tensor. */
export function mlflowProtocol({ columns, labels, examples, tensor }: MlflowOptions): ModelProtocol {
  const model = 'behind /invocations';
  let form: PredictionForm | undefined;
  const write = (inputs: readonly NamedTensor[]) =>
    tensor === undefined ? writeDataframe(inputs, columns) : writeTensor(inputs, columns, tensor.name);
  const invoke = async (client: Parameters<ModelProtocol['compute']>[0], inputs: readonly NamedTensor[]) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await client.call('/invocations', { body: write(inputs), headers });
    if (answer.status !== 200) throw refuse(answer, reasonOf(answer));
    return predictionsOf(answer);
  };
  return {
    model,
    readyPath: '/ping',
    describe: async (client) => {
      const ready = await client.call('/ping');
      if (ready.status !== 200) throw notReady(client.url, model, `/ping answers ${ready.status}`);
      form = recogniseForm(await invoke(client, examples), labels);
      const inputs = columns.map(({ name, type }) => ({
        name,
        datatype:
          type === 'string' ? ('BYTES' as const) : type === 'timestamp' ? ('INT64' as const) : ('FP32' as const),
        shape: [-1, 1],
      }));
      return { inputs, outputs: form.outputs };
    },
    compute: async (client, inputs, wanted) => {
      if (form === undefined) throw unusable('it was not described');
      const rows = inputs[0]?.shape[0] ?? 0;
      const read = readPredictions(await invoke(client, inputs), { form, labels, rows });
      return wanted.map((name) => read.find((tensor) => tensor.name === name) as NamedTensor);
    },
  };
}

function predictionsOf({ body }: ServerAnswer): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw unusable('its JSON');
  }
  const { predictions } = Object(value) as { predictions?: unknown };
  if (!Array.isArray(predictions)) throw unusable('it has no list of predictions');
  return predictions;
}

/** Its own words, without the trace behind them. */
function reasonOf({ body }: ServerAnswer): string {
  const text = body.toString('utf8');
  try {
    const { message } = Object(JSON.parse(text)) as { message?: unknown };
    return typeof message === 'string' ? message : text;
  } catch {
    return text;
  }
}
