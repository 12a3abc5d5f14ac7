import type { PipelineSpec, StepSpec, StepState } from './pipelines-types.js';

export interface OutputReference {
  readonly step: string;
  readonly output: string;
}

type Steps = PipelineSpec['steps'];
export type StepStates = Readonly<Record<string, StepState>>;

/** Splits `step.output` at its last dot; null when a side is empty. */
export function parseReference(text: string): OutputReference | null {
  const dot = text.lastIndexOf('.');
  if (dot <= 0 || dot === text.length - 1) return null;
  return { step: text.slice(0, dot), output: text.slice(dot + 1) };
}

/** The steps that must succeed before this one, each once. */
export function dependenciesOf(step: StepSpec): string[] {
  const fromInputs = Object.values(step.inputs ?? {}).flatMap((text) => parseReference(text)?.step ?? []);
  return [...new Set([...(step.needs ?? []), ...fromInputs])];
}

/**
 * Steps in an order in which each comes after those it depends on, otherwise as declared; `cycle` holds the steps that
 * wait for each other. Unknown names count as done: {@link graphProblems} reports them.
 */
export function orderSteps(steps: Steps): { readonly order: string[]; readonly cycle: string[] } {
  const order: string[] = [];
  const done = new Set<string>();
  let rest = Object.keys(steps);
  for (;;) {
    const ready = rest.filter((name) =>
      dependenciesOf(steps[name] as StepSpec).every((other) => done.has(other) || !Object.hasOwn(steps, other)),
    );
    if (ready.length === 0) return { order, cycle: rest };
    for (const name of ready) done.add(name);
    order.push(...ready);
    rest = rest.filter((name) => !done.has(name));
  }
}

/** What keeps the graph from running, in words: unknown steps, unknown outputs of commands, cycles. */
export function graphProblems(steps: Steps): string[] {
  const problems: string[] = [];
  for (const [name, step] of Object.entries(steps)) {
    for (const other of step.needs ?? []) {
      if (!Object.hasOwn(steps, other)) problems.push(`steps.${name}.needs names the unknown step '${other}'`);
    }
    for (const [input, text] of Object.entries(step.inputs ?? {})) {
      const problem = referenceProblem(steps, text);
      if (problem !== null) problems.push(`steps.${name}.inputs.${input}: ${problem}`);
    }
  }
  const { cycle } = orderSteps(steps);
  if (cycle.length > 0) problems.push(`these steps wait for each other: ${cycle.join(', ')}`);
  return problems;
}

function referenceProblem(steps: Steps, text: string): string | null {
  const reference = parseReference(text);
  if (reference === null) return `'${text}' is not of the form step.output`;
  const source = Object.hasOwn(steps, reference.step) ? steps[reference.step] : undefined;
  if (source === undefined) return `there is no step '${reference.step}'`;
  if ('run' in source && !Object.hasOwn(source.outputs ?? {}, reference.output)) {
    return `the command '${reference.step}' declares no output '${reference.output}'`;
  }
  return null;
}

const SUCCESS: ReadonlySet<StepState> = new Set(['succeeded', 'cached']);
const LOST: ReadonlySet<StepState> = new Set(['failed', 'cancelled', 'skipped']);

/**
 * What follows from the states of the steps: those that may start now, and those that never can because something they
 * depend on did not succeed. Independent branches go on after a failure.
 */
export function nextSteps(steps: Steps, states: StepStates): { readonly ready: string[]; readonly skipped: string[] } {
  const now: Record<string, StepState> = { ...states };
  const ready: string[] = [];
  const skipped: string[] = [];
  for (const name of orderSteps(steps).order) {
    if (now[name] !== 'waiting') continue;
    const before = dependenciesOf(steps[name] as StepSpec).map((other) => now[other] ?? 'waiting');
    if (before.some((state) => LOST.has(state))) {
      now[name] = 'skipped';
      skipped.push(name);
    } else if (before.every((state) => SUCCESS.has(state))) ready.push(name);
  }
  return { ready, skipped };
}

/** How a run ends when its steps stand like this; null while something is still to come. */
export function finalState(states: StepStates): 'succeeded' | 'failed' | 'cancelled' | null {
  const all = Object.values(states);
  if (all.some((state) => state === 'waiting' || state === 'queued' || state === 'running')) return null;
  if (all.every((state) => SUCCESS.has(state))) return 'succeeded';
  return all.includes('failed') ? 'failed' : 'cancelled';
}
