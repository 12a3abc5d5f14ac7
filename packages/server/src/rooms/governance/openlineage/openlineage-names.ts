import { createHash } from 'node:crypto';
import type { LineageNode } from '../../tracking/index.js';
import type { EventDataset } from './openlineage-types.js';

// Ids are keys of an index, and PostgreSQL takes no key above 2,704 bytes; an edge has two.
const MAX_ID_BYTES = 900;
const KEPT = 200;

/** A thing of another system under the name it has there: namespace, a space, name. Very long ones end in their digest. */
export function externalId(namespace: string, name: string): string {
  const id = `${namespace.replace(/[% ]/g, encodeURIComponent)} ${name}`;
  if (Buffer.byteLength(id) <= MAX_ID_BYTES) return id;
  return `${id.slice(0, KEPT)}…${createHash('sha256').update(id).digest('hex')}`;
}

/** Namespace and name behind the id; undefined for one that had to be shortened. */
export function externalName(id: string): { namespace: string; name: string } | undefined {
  const at = id.indexOf(' ');
  if (at < 1 || /…[0-9a-f]{64}$/.test(id)) return undefined;
  return { namespace: id.slice(0, at).replaceAll('%20', ' ').replaceAll('%25', '%'), name: id.slice(at + 1) };
}

/** The UUID of a run for an id of 32 hex digits; for any other text one that only that text has (version 8, RFC 9562). */
export function uuidOf(id: string): string {
  const hex = /^[0-9a-f]{32}$/.test(id) ? id : hashed(id);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function hashed(id: string): string {
  const digest = createHash('sha256').update(id).digest('hex');
  const variant = '89ab'[Number.parseInt(digest[16] ?? '0', 16) % 4];
  return `${digest.slice(0, 12)}8${digest.slice(13, 16)}${variant}${digest.slice(17, 32)}`;
}

/** The id that a run of ours would have under this UUID. */
export const runIdOf = (uuid: string): string => uuid.toLowerCase().replaceAll('-', '');

/** Kinds whose name is the word and their id, and have no version of their own. */
const WORDS: Readonly<Record<string, string>> = {
  split: 'split',
  model: 'package',
  file: 'file',
  report: 'report',
  'logged-model': 'logged-model',
  artifact: 'artifact',
  'prediction-log': 'endpoint',
};

/** Name and version of what is data in the eyes of other systems; dataset versions are named by {@link versionName}. */
export function nameOfNode({ kind, id }: LineageNode): { name: string; version?: string } | undefined {
  if (Object.hasOwn(WORDS, kind)) return { name: `${WORDS[kind]}/${id}` };
  if (kind === 'model-version') return { name: `model/${beforeLast(id, '/')}`, version: afterLast(id, '/') };
  if (kind === 'dataset') return { name: `input/${beforeLast(id, '@')}`, version: afterLast(id, '@') };
  return undefined;
}

export const versionName = (dataset: string, number: number) => ({ name: `dataset/${dataset}`, version: `${number}` });

export type OwnName =
  | { readonly kind: 'node'; readonly node: LineageNode }
  | { readonly kind: 'dataset-version'; readonly dataset: string; readonly number: number };

/**
 * Which of our things a dataset of an event is: it must be in our namespace, and datasets and models must say their version,
 * by the facet `version` or as `name@version`. Anything else is a thing of somebody else.
 */
export function ownName({ namespace, name, facets }: EventDataset, ownNamespace: string): OwnName | undefined {
  if (namespace !== ownNamespace) return undefined;
  const [, word = '', rest = ''] = /^([a-z-]+)\/(.+)$/s.exec(name) ?? [];
  const said = facets?.version?.datasetVersion;
  const at = rest.lastIndexOf('@');
  const version = typeof said === 'string' ? said : at > 0 ? rest.slice(at + 1) : undefined;
  const base = typeof said === 'string' || at <= 0 ? rest : rest.slice(0, at);
  const number = version !== undefined && /^[1-9]\d{0,8}$/.test(version) ? Number(version) : undefined;
  if (word === 'dataset') return number === undefined ? undefined : { kind: 'dataset-version', dataset: base, number };
  if (word === 'model') return number === undefined ? undefined : node('model-version', `${base}/${number}`);
  if (word === 'input') return version === undefined ? undefined : node('dataset', `${base}@${version}`);
  const kind = Object.entries(WORDS).find(([, candidate]) => candidate === word)?.[0];
  return kind === undefined || rest === '' ? undefined : node(kind, rest);
}

const node = (kind: string, id: string): OwnName => ({ kind: 'node', node: { kind, id } });
const beforeLast = (text: string, mark: string) => text.slice(0, Math.max(0, text.lastIndexOf(mark)));
const afterLast = (text: string, mark: string) => text.slice(text.lastIndexOf(mark) + 1);

/** The place that bytes came from, as other systems name it; undefined for what was uploaded. */
export function placeOf(source: string): { namespace: string; name: string } | undefined {
  if (source.startsWith('object:')) return undefined;
  if (!/^https?:/i.test(source)) return { namespace: 'file', name: source };
  const url = URL.canParse(source) ? new URL(source) : undefined;
  return url && { namespace: url.origin, name: url.pathname };
}
