import type { Experiment } from '../experiment-types.js';
import type { Run } from '../run-types.js';
import { keyProblem, LIMITS, textProblem } from '../tracking-rules.js';
import type { ImportedExperiment, ImportedRun } from './import-types.js';

/** Why a record that is not here is not taken again. */
export const PURGED_HERE = 'it was removed for good here';

type Texts = Readonly<Record<string, string>>;

export interface Sifted {
  readonly texts: Texts;
  readonly problems: readonly string[];
}

/** What of names and texts can be kept as it is; the rest is told, and nothing is cut off. */
export function siftTexts(what: string, texts: Texts, maxLength: number): Sifted {
  const kept: [string, string][] = [];
  const problems: string[] = [];
  for (const [key, text] of Object.entries(texts)) {
    const problem = keyProblem(key) ?? textProblem(text, maxLength);
    if (problem === null) kept.push([key, text]);
    else problems.push(`${what} ${JSON.stringify(key.slice(0, 80))}: ${problem}`);
  }
  return { texts: Object.fromEntries(kept), problems };
}

/** Which of a record's texts are new here, and which stand here with another value. */
export function compareTexts(what: string, record: Texts, here: Texts): { fresh: Texts; problems: string[] } {
  const fresh: [string, string][] = [];
  const problems: string[] = [];
  for (const [key, text] of Object.entries(record)) {
    const known = Object.hasOwn(here, key) ? here[key] : undefined;
    if (known === undefined) fresh.push([key, text]);
    else if (known !== text)
      problems.push(`${what} ${JSON.stringify(key)} is ${shown(known)} here and ${shown(text)} there`);
  }
  return { fresh: Object.fromEntries(fresh), problems };
}

const shown = (text: string | number | null) =>
  JSON.stringify(typeof text === 'string' && text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** The one among those of its name that a record stands for; undefined: none. */
export function matchExperiment<E extends Pick<Experiment, 'lifecycle' | 'createdAtMs'>>(
  record: ImportedExperiment,
  named: readonly E[],
): E | undefined {
  const sameBirth = named.find(({ createdAtMs }) => createdAtMs === record.createdAtMs);
  if (sameBirth !== undefined) return sameBirth;
  if (record.lifecycle === 'active') return named.find(({ lifecycle }) => lifecycle === 'active');
  return record.createdAtMs === null ? named.find(({ lifecycle }) => lifecycle === 'deleted') : undefined;
}

/** Why a run cannot be kept at all, in words; null when it can. */
export function runProblem({ id, name, userName, note }: ImportedRun): string | null {
  if (!/^[A-Za-z0-9][\w-]{0,255}$/.test(id)) return `${JSON.stringify(id.slice(0, 80))} cannot be the id of a run`;
  for (const [what, text, limit] of [
    ['name', name, LIMITS.runName],
    ['userName', userName, LIMITS.userName],
    ['note', note, LIMITS.note],
  ] as const) {
    const problem = textProblem(text, limit);
    if (problem !== null) return `${what}: ${problem}`;
  }
  return null;
}

const FIELDS = ['experimentId', 'name', 'userName', 'parentRunId', 'note', 'startedAtMs'] as const;

/** Fields that stand here with another value. Status and end are compared once the run has ended here. */
export function compareRun(record: Pick<Run, (typeof FIELDS)[number] | 'status' | 'endedAtMs'>, here: Run): string[] {
  const fields = isGoing(here) ? FIELDS : ([...FIELDS, 'status', 'endedAtMs'] as const);
  return fields
    .filter((field) => record[field] !== here[field])
    .map((field) => `${field} is ${shown(here[field])} here and ${shown(record[field])} there`);
}

export const isGoing = ({ status }: Pick<Run, 'status'>) => status === 'running' || status === 'scheduled';
