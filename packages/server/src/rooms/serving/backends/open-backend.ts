import {
  type InferenceHost,
  type LoadedModel,
  type ModelHosting,
  type NamedTensor,
  openProgramModel,
  openRemoteModel,
} from '../../../platform/inference/index.js';
import type { ObjectStore } from '../../../platform/objects/index.js';
import { servingErrors } from '../serving-errors.js';
import type { Deployment } from '../serving-types.js';
import { instanceOf } from './configuration-digest.js';
import { forbiddenBackend } from './configuration-rules.js';
import type { BackendRules, DeploymentConfiguration } from './configuration-types.js';

export interface OpenBackend {
  readonly model: LoadedModel;
  /** Whether other deployments may have the same: such a one is freed when none of them is left. */
  readonly shared: boolean;
  /** Lets accepted runs finish, then frees the model. */
  close(): Promise<void>;
}

export interface BackendDeps {
  readonly host: InferenceHost;
  readonly objects: Pick<ObjectStore, 'localPath'>;
  readonly backendRules: BackendRules;
}

const RUN_TIMEOUT_MS = 30_000;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

/** What of a deployment says how it computes. */
type Computed = Pick<Deployment, 'endpoint' | 'digest' | 'configuration'>;

/** Opens whatever computes for a deployment. @throws SRV_BACKEND_FORBIDDEN, and what the inference platform throws */
export function openBackend(
  deps: BackendDeps,
  deployment: Computed,
  goldenInputs: readonly NamedTensor[],
): Promise<OpenBackend> {
  const { configuration } = deployment;
  const problem = forbiddenBackend(configuration, deps.backendRules);
  if (problem !== null) throw servingErrors.SRV_BACKEND_FORBIDDEN(`Endpoint ${deployment.endpoint}: ${problem}.`);
  const { backend = { kind: 'onnx' } } = configuration;
  switch (backend.kind) {
    case 'onnx':
      return openHere(deps, deployment, goldenInputs);
    case 'remote': {
      const url = new URL(backend.url);
      const allowPrivate = deps.backendRules.servers.includes(url.origin);
      return ownOf(openRemoteModel({ ...callsOf(deployment), ...backend, url, allowPrivate }));
    }
    case 'program':
      return openProgram(deps, deployment, backend);
  }
}

async function openHere(
  { host, objects }: BackendDeps,
  { digest, configuration }: Computed,
  goldenInputs: readonly NamedTensor[],
) {
  const path = await objects.localPath(digest);
  const instance = instanceOf(configuration);
  const model = await host.load({ path, digest, goldenInputs, hosting: hostingOf(configuration), instance });
  return { model, shared: true, close: () => host.unload(digest, instance) };
}

async function openProgram(
  { objects }: BackendDeps,
  deployment: Computed,
  backend: Extract<DeploymentConfiguration['backend'], { kind: 'program' }>,
): Promise<OpenBackend> {
  return ownOf(
    openProgramModel({
      ...callsOf(deployment),
      command: backend.command,
      model: backend.model,
      modelPath: await objects.localPath(deployment.digest),
      readyPath: backend.readyPath ?? '/v2/health/ready',
      startTimeoutMs: backend.startTimeoutMs ?? START_TIMEOUT_MS,
      stopTimeoutMs: backend.stopTimeoutMs ?? STOP_TIMEOUT_MS,
    }),
  );
}

async function ownOf(opening: Promise<Omit<OpenBackend, 'shared'>>): Promise<OpenBackend> {
  const { model, close } = await opening;
  return { model, close, shared: false };
}

const callsOf = ({ digest, configuration }: Computed) => ({
  digest,
  timeoutMs: configuration.runTimeoutMs ?? RUN_TIMEOUT_MS,
  concurrency: configuration.concurrency ?? 8,
  maxQueue: configuration.maxQueue ?? 256,
});

function hostingOf({
  placement,
  processes,
  runTimeoutMs,
  maxMemoryBytes,
  maxQueue,
}: DeploymentConfiguration): ModelHosting {
  return {
    ...(placement !== undefined && placement !== 'auto' && { placement }),
    ...(processes !== undefined && { processes }),
    ...(runTimeoutMs !== undefined && { runTimeoutMs }),
    ...(maxMemoryBytes !== undefined && { maxMemoryBytes }),
    ...(maxQueue !== undefined && { maxQueue }),
  };
}
