import type { BackendRules, DeploymentConfiguration } from './configuration-types.js';

/** Why the operator's rules refuse a configuration, in words, or null. */
export function forbiddenBackend({ backend }: DeploymentConfiguration, rules: BackendRules): string | null {
  if (backend?.kind === 'program' && !rules.programs) return 'programs are not allowed on this server (modelPrograms)';
  return null;
}

/** What makes no sense in a configuration, in words, or null. */
export function configurationProblem({ backend }: DeploymentConfiguration): string | null {
  if (backend === undefined || backend.kind === 'onnx') return null;
  const { protocol = 'oip', model, version, matrix, outputNames } = backend;
  if (protocol === 'oip') {
    if (model === undefined) return 'the Open Inference Protocol needs the name of the model (backend.model)';
    const columns = matrix?.columns ?? [];
    return new Set(columns).size < columns.length ? 'backend.matrix.columns names a column twice' : null;
  }
  const odd = Object.entries({ model, version, matrix, outputNames }).find(([, value]) => value !== undefined);
  return odd === undefined ? null : `backend.${odd[0]} means nothing to the protocol mlflow`;
}
