import type { BackendRules, DeploymentConfiguration } from './configuration-types.js';

/** Why the operator's rules refuse a configuration, in words, or null. */
export function forbiddenBackend({ backend }: DeploymentConfiguration, rules: BackendRules): string | null {
  if (backend?.kind === 'program' && !rules.programs) return 'programs are not allowed on this server (modelPrograms)';
  return null;
}
