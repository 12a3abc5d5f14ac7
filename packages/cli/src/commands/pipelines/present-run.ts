import type { PipelineRunView } from '@fairlead/contracts';
import { formatDuration } from '@fairlead/kernel';
import { brief, formatNumber, formatWhen, shortDigest } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';
import type { Style } from '../../terminal/style.js';

export type StepRunView = PipelineRunView['steps'][number];

const PAINTED: Readonly<Record<string, 'green' | 'red' | 'yellow' | 'dim'>> = {
  succeeded: 'green',
  cached: 'green',
  failed: 'red',
  cancelled: 'yellow',
  skipped: 'dim',
  waiting: 'dim',
};

export function paintState(state: string, style: Style): string {
  const paint = PAINTED[state];
  return paint === undefined ? state : style[paint](state);
}

function durationOf({ startedAtMs, endedAtMs }: Pick<StepRunView, 'startedAtMs' | 'endedAtMs'>): string {
  return startedAtMs === null || endedAtMs === null ? '' : formatDuration(endedAtMs - startedAtMs);
}

/** One line of a step that has ended: how, how long, why not from the cache. {@link presentRun} has the whole error. */
export function presentStep(step: StepRunView, style: Style): string {
  const { name, state, whyNotCached, summary, error } = step;
  const facts = [
    durationOf(step),
    state === 'cached' ? 'from the cache' : '',
    error === null ? summaryOf(summary) : `${error.code}: ${brief(error.message.split('\n')[0], 100)}`,
    whyNotCached.length === 0 ? '' : style.dim(`(not cached: ${whyNotCached.join('; ')})`),
  ].filter((fact) => fact !== '');
  return `${paintState(state, style)} ${style.bold(name)}  ${facts.join('  ')}`.trimEnd();
}

/** A few facts of a step in one line: `rows 1096, rejected 0`. */
function summaryOf(summary: unknown): string {
  if (summary === null || summary === undefined) return '';
  if (typeof summary !== 'object' || Array.isArray(summary)) return brief(summary, 100);
  const facts = Object.entries(summary).flatMap(([key, value]) => (isList(value) ? [] : [`${key} ${factOf(value)}`]));
  return brief(facts.join(', '), 120);
}

/** Lists of objects are for programs. */
const isList = (value: unknown) => Array.isArray(value) && typeof value[0] === 'object';

function factOf(value: unknown): string {
  if (typeof value === 'number') return formatNumber(value);
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return shortDigest(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return brief(value, 50);
  return brief(
    Object.entries(value)
      .map(([name, member]) => `${name} ${brief(member, 20)}`)
      .join(' '),
    60,
  );
}

/** The steps of a run as a table, its error with the remedy, and what to do next. */
export function presentRun(run: PipelineRunView, { style, nowMs }: { style: Style; nowMs: number }): string[] {
  const broken = run.steps.find(({ state }) => state === 'failed');
  return [
    `${run.pipeline} ${paintState(run.state, style)}  ${run.id}  ${run.trigger.kind} by ${run.createdBy}, ${formatWhen(run.createdAtMs, nowMs)}`,
    printTable(
      ['step', 'state', 'took>', 'why not cached', 'result'],
      run.steps.map((step) => [
        step.name,
        paintState(step.state, style),
        durationOf(step),
        brief(step.whyNotCached.join('; ')),
        brief(summaryOf(step.summary), 80),
      ]),
    ),
    ...(broken?.error == null
      ? []
      : [
          `${style.red('error')} ${broken.name}: ${broken.error.code}: ${broken.error.message}`,
          `remedy: ${broken.error.remedy}`,
        ]),
    nextStep(run),
  ];
}

/** The command that carries on from where the run stands. */
export function nextStep(run: PipelineRunView): string {
  if (run.state === 'failed' || run.state === 'cancelled') return `next: fairlead pipeline resume ${run.id}`;
  if (run.state !== 'succeeded') return `next: fairlead pipeline show ${run.id} --wait`;
  const made = run.steps.flatMap(({ outputs }) => Object.values(outputs));
  const release = made.findLast(({ kind }) => kind === 'release');
  if (release !== undefined) return `next: fairlead release show ${release.id}`;
  const version = made.findLast(({ kind }) => kind === 'model-version');
  if (version !== undefined) return `next: fairlead model show ${version.id}`;
  return 'next: fairlead status';
}
