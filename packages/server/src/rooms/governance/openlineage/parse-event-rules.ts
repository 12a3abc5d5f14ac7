import { EVENT_TYPES, type OpenLineageEvent } from './openlineage-types.js';

/** What is wrong with an event, and where. */
export interface EventIssue {
  readonly path: string;
  readonly expected: string;
}

export const MAX_DATASETS = 2_000;
const MAX_NAME = 4_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]*$/;

type Members = Readonly<Record<string, unknown>>;

/**
 * Reads a value as an event of OpenLineage 2-0-2: strict on what the specification requires, tolerant of facets and members
 * it does not know. An event with a run is a RunEvent, one with a job alone a JobEvent, one with a dataset a DatasetEvent.
 */
export function parseEvent(value: unknown): { readonly event: OpenLineageEvent } | { readonly issues: EventIssue[] } {
  const issues: EventIssue[] = [];
  const event = members(value, '', issues);
  if (event === undefined) return { issues };
  checkText(event.eventTime, 'eventTime', issues, { like: isDateTime, expected: 'a date and time with its offset' });
  for (const name of ['producer', 'schemaURL']) {
    checkText(event[name], name, issues, { like: (text) => URI.test(text), expected: 'a URI' });
  }
  const kind = kindOf(event);
  if (kind === undefined) issues.push({ path: '', expected: 'a run with its job, a job, or a dataset' });
  if (kind === 'run') checkRun(event, issues);
  if (kind === 'run' || kind === 'job') {
    checkNamed(event.job, 'job', issues, ['facets']);
    checkDatasets(event.inputs, { path: 'inputs', facets: 'inputFacets' }, issues);
    checkDatasets(event.outputs, { path: 'outputs', facets: 'outputFacets' }, issues);
  }
  if (kind === 'dataset') checkNamed(event.dataset, 'dataset', issues, ['facets']);
  return issues.length > 0 ? { issues } : ({ event: { kind, event } } as unknown as { event: OpenLineageEvent });
}

function kindOf(event: Members): OpenLineageEvent['kind'] | undefined {
  if (event.run !== undefined) return 'run';
  if (event.job !== undefined) return event.dataset === undefined ? 'job' : undefined;
  return event.dataset === undefined ? undefined : 'dataset';
}

function checkRun({ eventType, run }: Members, issues: EventIssue[]): void {
  if (eventType !== undefined && !EVENT_TYPES.includes(eventType as (typeof EVENT_TYPES)[number])) {
    issues.push({ path: 'eventType', expected: `one of ${EVENT_TYPES.join(', ')}` });
  }
  const found = members(run, 'run', issues);
  if (found === undefined) return;
  checkText(found.runId, 'run.runId', issues, { like: (text) => UUID.test(text), expected: 'a UUID' });
  checkFacets(found.facets, 'run.facets', issues);
  const parent = (found.facets as Members | undefined)?.parent;
  if (parent !== undefined) checkParent(parent, issues);
}

/** The one facet that becomes an edge. */
function checkParent(value: unknown, issues: EventIssue[]): void {
  const parent = members(value, 'run.facets.parent', issues);
  const run = members(parent?.run, 'run.facets.parent.run', issues);
  if (run === undefined) return;
  checkText(run.runId, 'run.facets.parent.run.runId', issues, {
    like: (text) => UUID.test(text),
    expected: 'a UUID',
  });
  checkNamed(parent?.job, 'run.facets.parent.job', issues, []);
}

function checkDatasets(value: unknown, { path, facets }: { path: string; facets: string }, issues: EventIssue[]): void {
  // Older producers write null for none.
  if (value === undefined || value === null) return;
  if (!Array.isArray(value) || value.length > MAX_DATASETS) {
    issues.push({ path, expected: `a list of at most ${MAX_DATASETS} datasets` });
    return;
  }
  for (const [i, dataset] of value.entries()) checkNamed(dataset, `${path}[${i}]`, issues, ['facets', facets]);
}

function checkNamed(value: unknown, path: string, issues: EventIssue[], facets: readonly string[]): void {
  const found = members(value, path, issues);
  if (found === undefined) return;
  for (const name of ['namespace', 'name']) {
    checkText(found[name], `${path}.${name}`, issues, {
      like: (text) => text.length > 0 && text.length <= MAX_NAME,
      expected: `a text of 1 to ${MAX_NAME} characters`,
    });
  }
  for (const name of facets) checkFacets(found[name], `${path}.${name}`, issues);
}

function checkFacets(value: unknown, path: string, issues: EventIssue[]): void {
  if (value === undefined || value === null) return;
  for (const [name, facet] of Object.entries(members(value, path, issues) ?? {})) {
    const found = members(facet, `${path}.${name}`, issues);
    for (const member of found === undefined ? [] : ['_producer', '_schemaURL']) {
      checkText(found?.[member], `${path}.${name}.${member}`, issues, { like: () => true, expected: 'a URI' });
    }
  }
}

function members(value: unknown, path: string, issues: EventIssue[]): Members | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  issues.push({ path, expected: 'an object' });
  return undefined;
}

function checkText(
  value: unknown,
  path: string,
  issues: EventIssue[],
  { like, expected }: { like: (text: string) => boolean; expected: string },
): void {
  if (typeof value !== 'string' || !like(value)) issues.push({ path, expected });
}

function isDateTime(text: string): boolean {
  return DATE_TIME.test(text) && Number.isFinite(Date.parse(text.replace(' ', 'T')));
}
