import { servingErrors } from '../serving-errors.js';
import { modelNameOf } from '../serving-rules.js';
import type { RepositoryEntry } from '../serving-types.js';
import { isMembers, type Members } from './infer-parameters.js';

/** An entry of the index in the words of the protocol. */
export function presentEntry({ endpoint, environment, version, state, reason }: RepositoryEntry) {
  const name = modelNameOf(endpoint, environment);
  return { name, ...(version !== null && { version: String(version) }), state, reason };
}

/** Models come by release, not with the call that loads them. @throws SRV_UNSUPPORTED */
export function refuseContent({ parameters }: Members): void {
  const odd = isMembers(parameters) ? Object.keys(parameters).find((name) => isContent(name)) : undefined;
  if (odd === undefined) return;
  throw servingErrors.SRV_UNSUPPORTED(
    `parameters.${odd.slice(0, 60)}: files and configurations come with a registered version and its deployment.`,
    { data: { parameter: odd.slice(0, 60) } },
  );
}

const isContent = (name: string) => name === 'config' || name.startsWith('file:');
