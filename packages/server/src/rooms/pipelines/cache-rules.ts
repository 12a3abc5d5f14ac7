import type { Json } from './pipelines-types.js';

/**
 * Everything that decides what a step gives, version 1. Names of pipelines and steps, retries, time limits and secrets are
 * not in it. A list of changed members explains every run that a cache could have saved.
 */
export interface CacheComponents {
  readonly version: 1;
  readonly kind: 'uses' | 'function' | 'run';
  /** The built-in step, `module#export`, or the argument template of the command. */
  readonly what: Json;
  /** Resolved values of the parameters this step uses. */
  readonly params: Json;
  /** Input name → kind and content digest, never an id. */
  readonly inputs: Readonly<Record<string, string>>;
  /** File of the project (or built-in) → content digest (or version). */
  readonly code: Readonly<Record<string, string>>;
  /** Lock file → digest. */
  readonly lock: Readonly<Record<string, string>>;
  /** Declared environment variables → value. */
  readonly env: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly salt: string;
}

type Texts = Readonly<Record<string, string>>;

/** What differs between two keys, in words, most telling first: "params.maxDepth: 4 → 8", "code changed: train.py". */
export function explainDifference(before: CacheComponents, after: CacheComponents): string[] {
  if (before.kind !== after.kind) return [`kind of step: ${before.kind} → ${after.kind}`];
  const what = after.kind === 'run' ? 'command' : after.kind === 'uses' ? 'built-in' : 'function';
  return [
    ...jsonDifferences(what, before.what, after.what),
    ...jsonDifferences('params', before.params, after.params),
    ...entryDifferences(before.inputs, after.inputs, (name, a, b) => `input ${name}: ${short(a)} → ${short(b)}`),
    ...fileDifferences('code', before.code, after.code),
    ...fileDifferences('environment lock', before.lock, after.lock),
    // Values may be secret, so only the name is told.
    ...entryDifferences(before.env, after.env, (name) => `environment variable changed: ${name}`),
    ...entryDifferences(
      before.outputs,
      after.outputs,
      (name, a, b) => `output ${name}: ${a ?? 'none'} → ${b ?? 'none'}`,
    ),
    ...(before.seed === after.seed ? [] : [`seed: ${before.seed} → ${after.seed}`]),
    ...(before.salt === after.salt ? [] : ['cache salt changed']),
  ];
}

function fileDifferences(title: string, before: Texts, after: Texts): string[] {
  return entryDifferences(before, after, (name, a, b) => {
    if (a === undefined) return `${title} added: ${name}`;
    return b === undefined ? `${title} removed: ${name}` : `${title} changed: ${name}`;
  });
}

function entryDifferences(
  before: Texts,
  after: Texts,
  say: (name: string, before: string | undefined, after: string | undefined) => string,
): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.filter((name) => before[name] !== after[name]).map((name) => say(name, before[name], after[name]));
}

function jsonDifferences(path: string, before: Json | undefined, after: Json | undefined): string[] {
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => jsonDifferences(`${path}.${key}`, before[key], after[key]));
  }
  const [a, b] = [show(before), show(after)];
  return a === b ? [] : [`${path}: ${clip(a)} → ${clip(b)}`];
}

function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: Json | undefined): string {
  if (value === undefined) return 'none';
  if (!isMap(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${show(value[key])}`);
  return `{${members.join(',')}}`;
}

const clip = (text: string) => (text.length > 60 ? `${text.slice(0, 59)}…` : text);

/** `dataset-version:3f2a…`: enough of a digest to recognise it. */
function short(text: string | undefined): string {
  if (text === undefined) return 'none';
  const digest = text.slice(text.indexOf(':') + 1);
  return `${digest.slice(0, 4)}…`;
}
