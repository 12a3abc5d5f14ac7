import {
  type InferenceHost,
  type LoadedModel,
  type ModelHosting,
  type ModelProtocol,
  mlflowProtocol,
  type NamedTensor,
  oipProtocol,
  openProgramModel,
  openRemoteModel,
} from '../../../platform/inference/index.js';
import { type ObjectStore, readFileSet } from '../../../platform/objects/index.js';
import type { ModelSignature } from '../../training/index.js';
import { servingErrors } from '../serving-errors.js';
import type { Deployment } from '../serving-types.js';
import { instanceOf } from './configuration-digest.js';
import { forbiddenBackend } from './configuration-rules.js';
import type { BackendRules, DeploymentConfiguration, SpokenProtocol } from './configuration-types.js';
import { limitRuns } from './limit-runs.js';
import { openModelBytes } from './open-model-bytes.js';

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
const MAX_QUEUE = 256;
const STOP_TIMEOUT_MS = 10_000;

/** What of a deployment says how it computes. */
type Computed = Pick<Deployment, 'endpoint' | 'digest' | 'configuration'>;

/** Opens whatever computes for a deployment. @throws SRV_BACKEND_FORBIDDEN, SRV_BACKEND_NEEDED, and what the inference platform throws */
export function openBackend(
  deps: BackendDeps,
  { deployment, signature }: { readonly deployment: Computed; readonly signature: ModelSignature },
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
      const protocol = protocolOf(backend, signature, goldenInputs);
      return ownOf(openRemoteModel({ ...callsOf(deployment), protocol, url, allowPrivate }));
    }
    case 'program':
      return openProgram(deps, deployment, { backend, protocol: protocolOf(backend, signature, goldenInputs) });
  }
}

type ProgramBackend = Extract<DeploymentConfiguration['backend'], { kind: 'program' }>;

/** How the server is asked for what the signature says. @throws SRV_SIGNATURE_MISMATCH */
function protocolOf(
  { protocol = 'oip', model = '', version, matrix, outputNames }: SpokenProtocol,
  { inputs, labels, tensor }: ModelSignature,
  examples: readonly NamedTensor[],
): ModelProtocol {
  if (protocol === 'mlflow') return mlflowProtocol({ columns: inputs, labels, examples, ...(tensor && { tensor }) });
  const own = inputs.map(({ name }) => name);
  const columns = matrix?.columns ?? own;
  const odd = inputs.find(({ name, type }) => !columns.includes(name) || type === 'string' || type === 'timestamp');
  if (matrix !== undefined && (odd !== undefined || columns.length !== own.length)) {
    const expected = `the numbers ${own.join(', ')}, each once`;
    throw servingErrors.SRV_SIGNATURE_MISMATCH(
      `The matrix ${matrix.input} is made of ${columns.join(', ')}, expected ${expected}.`,
      { data: { got: columns, expected } },
    );
  }
  return oipProtocol({
    model,
    ...(version !== undefined && { version }),
    ...(outputNames !== undefined && { outputNames }),
    ...(matrix !== undefined && { matrix: { input: matrix.input, columns } }),
  });
}

async function openHere(
  { host, objects }: BackendDeps,
  { endpoint, digest, configuration }: Computed,
  goldenInputs: readonly NamedTensor[],
) {
  if ((await readFileSet(objects, digest)) !== null) {
    throw servingErrors.SRV_BACKEND_NEEDED(
      `Endpoint ${endpoint}: the version is a folder of files that only a program can load: configure a backend program or remote.`,
      {
        data: { endpoint, digest },
      },
    );
  }
  const path = await objects.localPath(digest);
  const instance = instanceOf(configuration);
  const loaded = await host.load({ path, digest, goldenInputs, hosting: hostingOf(configuration), instance });
  const { concurrency, maxQueue = MAX_QUEUE } = configuration;
  const model = concurrency === undefined ? loaded : limitRuns(loaded, { concurrency, maxQueue });
  return { model, shared: true, close: () => host.unload(digest, instance) };
}

function openProgram(
  { objects }: BackendDeps,
  deployment: Computed,
  { backend, protocol }: { backend: ProgramBackend; protocol: ModelProtocol },
): Promise<OpenBackend> {
  return ownOf(
    openProgramModel({
      ...callsOf(deployment),
      command: backend.command,
      protocol,
      openModel: () => openModelBytes(objects, deployment.digest),
      readyPath: backend.readyPath ?? protocol.readyPath,
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
  maxQueue: configuration.maxQueue ?? MAX_QUEUE,
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
