import type { Clock } from '@fairlead/kernel';
import type { LoadedModel } from '../../../platform/inference/index.js';
import type { ModelSignature } from '../../training/index.js';
import { type BackendDeps, type OpenBackend, openBackend } from '../backends/open-backend.js';
import type { CaptureSource, InputKinds } from '../capture/capture-types.js';
import { type AnswerWriter, compileAnswerWriter } from '../predict/answer-writer.js';
import { exampleRows } from '../predict/example-rows.js';
import { measureJointRuns } from '../predict/measure-joint-runs.js';
import { compileOutputDecoder, findNonFinite, type OutputDecoder } from '../predict/output-decoder.js';
import { compileRowEncoder, type RowEncoder } from '../predict/row-encoder.js';
import { RunBatcher } from '../predict/run-batcher.js';
import { DeploymentCounters } from '../routing/deployment-counters.js';
import { servingErrors } from '../serving-errors.js';
import type { StoredDeployment } from '../serving-store.js';
import type { Deployment } from '../serving-types.js';

/** A deployment in memory: everything a request needs, compiled once. */
export interface Servable {
  readonly deployment: Deployment;
  readonly signature: ModelSignature;
  readonly backend: OpenBackend;
  readonly model: LoadedModel;
  /** Where requests compute: several may share one run of the model. */
  readonly runs: RunBatcher;
  readonly encoder: RowEncoder;
  readonly decode: OutputDecoder;
  readonly write: AnswerWriter;
  /** What its rows in the prediction log share. */
  readonly source: CaptureSource;
  readonly counters: DeploymentCounters;
}

export interface LoadDeps extends BackendDeps {
  readonly clock: Clock;
  readonly elapsedMs: () => number;
}

/**
 * Makes a deployment servable: the example rows of its signature run first in a process that may crash, then in the workers
 * as a warm-up whose answer is checked. The bytes that are loaded have the digest of the deployment.
 *
 * @throws SRV_SIGNATURE_MISMATCH, SRV_NONFINITE_OUTPUT, OBJ_NOT_FOUND and what the inference host throws
 */
export async function loadServable(deps: LoadDeps, stored: StoredDeployment): Promise<Servable> {
  const { tensors } = compileRowEncoder(stored.signature).encode(exampleRows(stored.signature));
  const backend = await openBackend(deps, stored, tensors);
  try {
    return await warmUp(deps, stored, backend);
  } catch (error) {
    // One that is shared may serve others already; the caller knows.
    if (!backend.shared) await backend.close();
    throw error;
  }
}

async function warmUp(
  { clock, elapsedMs }: LoadDeps,
  { deployment, signature }: StoredDeployment,
  backend: OpenBackend,
): Promise<Servable> {
  const { model } = backend;
  const examples = exampleRows(signature);
  const decode = compileOutputDecoder(signature, model);
  const encoder = compileRowEncoder(signature, model.joins ? model.inputs.map(({ name }) => name) : undefined);
  const { tensors } = encoder.encode(examples);
  const { outputs } = await model.run(tensors);
  const odd = findNonFinite(outputs);
  if (odd !== undefined) {
    throw servingErrors.SRV_NONFINITE_OUTPUT(`On example row ${odd.index} the output ${odd.name} is not finite.`);
  }
  const labels = new Set(signature.labels);
  const stranger = decode(outputs).find(({ label }) => signature.task === 'classification' && !labels.has(label));
  if (stranger !== undefined) {
    throw servingErrors.SRV_SIGNATURE_MISMATCH(`The model answers ${stranger.label}, which is no label it declares.`, {
      data: { got: stranger.label, expected: signature.labels },
    });
  }
  const joint = await measureJointRuns(model, {
    examples: examples.map((row) => encoder.encode([row]).tensors),
    elapsedMs,
  });
  const counters = new DeploymentCounters();
  return {
    deployment,
    signature,
    backend,
    model,
    runs: new RunBatcher(model, {
      ...{ joint, lanes: model.lanes },
      onRun: (run) => counters.executed(run, clock.nowMs()),
    }),
    encoder,
    decode,
    write: compileAnswerWriter(deployment, signature),
    source: sourceOf(deployment, signature),
    counters,
  };
}

function sourceOf({ id, endpoint, environment, model, version }: Deployment, signature: ModelSignature): CaptureSource {
  return { endpoint, environment, deploymentId: id, model, version, kinds: kindsOf(signature) };
}

function kindsOf({ inputs }: ModelSignature): InputKinds {
  return Object.fromEntries(
    inputs
      // A time may be sent as text or as a number; it is kept as it came.
      .filter(({ type }) => type !== 'timestamp')
      .map(({ name, type }) => [name, type === 'string' || type === 'boolean' ? type : 'float64'] as const),
  );
}
