import { graphProblems } from './pipelines-rules.js';
import type { Json, PipelineSpec, StepHandler, StepSpec } from './pipelines-types.js';
import { resolveTemplates, type TemplateScope, unknownReferences } from './template-rules.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const FUNCTION = /^[^#]+#[A-Za-z_$][\w$]*$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `max-depth` → `MAX_DEPTH`: the end of FAIRLEAD_PARAM_… and FAIRLEAD_INPUT_… . */
export function variableName(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

/** Everything that keeps a pipeline from running with these parameters, in words; empty when it can run. */
export function specProblems(
  spec: PipelineSpec,
  handlers: ReadonlyMap<string, StepHandler>,
  scope: TemplateScope,
): string[] {
  const names = Object.keys(spec.steps);
  if (names.length === 0) return ['steps is empty'];
  const stepProblems = Object.entries(spec.steps).flatMap(([name, step]) => [
    ...(NAME.test(name) ? [] : [`'${name}' is no name for a step`]),
    ...problemsOfStep(step, handlers, scope).map((problem) => `steps.${name}: ${problem}`),
  ]);
  return [...stepProblems, ...graphProblems(spec.steps)];
}

function problemsOfStep(step: StepSpec, handlers: ReadonlyMap<string, StepHandler>, scope: TemplateScope): string[] {
  const kinds = ['uses', 'function', 'run'].filter((kind) => kind in step);
  if (kinds.length !== 1)
    return [`exactly one of uses, function or run is needed, got ${kinds.join(' and ') || 'none'}`];
  const unknown = unknownReferences(templatedParts(step), scope).map((text) => `${text} is not declared`);
  if (unknown.length > 0) return unknown;
  const common = [
    ...clashes('with', Object.keys(step.with ?? {})),
    ...clashes('inputs', Object.keys(step.inputs ?? {})),
    ...numberProblems(step),
  ];
  if ('uses' in step) return [...common, ...builtInProblems(step, handlers, resolveTemplates(step.with ?? {}, scope))];
  if ('function' in step) {
    return FUNCTION.test(step.function) ? common : [...common, `'${step.function}' is not of the form module#export`];
  }
  return [...common, ...commandProblems(step)];
}

/** Every part of a step in which `${params.…}` is replaced. */
export function templatedParts(step: StepSpec): Json {
  return {
    with: step.with ?? {},
    ...('run' in step ? { run: step.run, env: step.env ?? {} } : {}),
  };
}

function builtInProblems(
  { uses, inputs = {} }: Extract<StepSpec, { uses: string }>,
  handlers: ReadonlyMap<string, StepHandler>,
  params: Json,
): readonly string[] {
  const handler = handlers.get(uses);
  if (handler === undefined) {
    return [`there is no built-in step '${uses}'; there are ${[...handlers.keys()].sort().join(', ') || 'none'}`];
  }
  return handler.check(params as Readonly<Record<string, Json>>, Object.keys(inputs));
}

function commandProblems(step: Extract<StepSpec, { run: readonly string[] }>): string[] {
  const variables = Object.keys(step.env ?? {});
  return [
    ...(step.run.length === 0 || step.run[0] === '' ? ['run is empty'] : []),
    ...Object.entries(step.outputs ?? {})
      .filter(([, path]) => /^$|^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.?([/\\]|$)/.test(path))
      .map(([name]) => `outputs.${name} is no relative path without '.' and '..'`),
    ...(step.run.some((part) => part.includes('\0')) ? ['run has a NUL character'] : []),
    ...variables.filter((name) => !VARIABLE.test(name)).map((name) => `env: '${name}' is no name of a variable`),
    ...variables
      .filter((name) => /^(FAIRLEAD_|MLFLOW_TRACKING_URI$|MLFLOW_RUN_ID$)/.test(name))
      .map((name) => `env: ${name} is set by Fairlead`),
  ];
}

function numberProblems({ retries, timeoutMs, seed }: StepSpec): string[] {
  const natural = (value: number | undefined, max: number) =>
    value === undefined || (Number.isInteger(value) && value >= 0 && value <= max);
  return [
    ...(natural(retries, 10) ? [] : ['retries is not an integer 0..10']),
    ...(natural(seed, 2 ** 32 - 1) ? [] : ['seed is not an integer 0..4294967295']),
    ...(timeoutMs === undefined || timeoutMs > 0 ? [] : ['timeout is not above zero']),
  ];
}

/** Two names that become one environment variable would overwrite each other. */
function clashes(where: string, names: readonly string[]): string[] {
  const variables = names.map(variableName);
  return names
    .filter((name, index) => variables.indexOf(variableName(name)) !== index)
    .map((name) => `${where}.${name} and another name both become ${variableName(name)}`);
}
