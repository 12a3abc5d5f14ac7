import type { StoredVersion } from '../registry-store.js';
import type { ImportedVersion } from './import-types.js';

type Texts = Readonly<Record<string, string>>;

/** Tags that are missing here, and words for those that stand here with another value. */
export function lackingTags(record: Texts, here: Texts): { fresh: Texts; different: string[] } {
  const fresh = Object.entries(record).filter(([key]) => !Object.hasOwn(here, key));
  const different = Object.keys(record).filter((key) => Object.hasOwn(here, key) && here[key] !== record[key]);
  return {
    fresh: Object.fromEntries(fresh),
    different: different.map((key) => `tag ${JSON.stringify(key)} has another value here`),
  };
}

/** In what a version here is not as it was recorded elsewhere. Of a deleted one nothing but that counts. */
export function compareVersion(record: ImportedVersion, here: StoredVersion): string[] {
  const lifecycle = here.deletedAtMs === null ? 'active' : 'deleted';
  if (record.lifecycle !== lifecycle) return [`it is ${lifecycle} here and ${record.lifecycle} there`];
  if (lifecycle === 'deleted') return [];
  const { fresh, different } = lackingTags(record.tags ?? {}, here.tags);
  const runId = record.runId ?? here.runId;
  return [
    ...(record.stage === here.stage ? [] : [`stage is ${here.stage} here and ${record.stage} there`]),
    ...((record.description ?? '') === here.description ? [] : ['the description here is another']),
    ...(runId === here.runId ? [] : [`run is ${here.runId} here and ${runId} there`]),
    ...(record.source === here.source ? [] : [`source is ${here.source} here and ${record.source} there`]),
    ...different,
    ...Object.keys(fresh).map((key) => `tag ${JSON.stringify(key)} is not here`),
  ];
}

/** The first number that two records of one import carry, in words; null when each stands once. */
export function repeatedVersion(records: readonly ImportedVersion[]): string | null {
  const seen = new Set<number>();
  for (const { version } of records) {
    if (seen.has(version)) return `version ${version} is in the record twice`;
    seen.add(version);
  }
  return null;
}
