import { ProjectSchema } from '@fairlead/contracts';
import { parseDurationMs } from '@fairlead/kernel';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { RuleSpec } from '../../rooms/automation/index.js';
import type { DatasetSpec } from '../../rooms/data/index.js';
import type { MonitorSpec } from '../../rooms/monitoring/index.js';
import type { PipelineSpec } from '../../rooms/pipelines/index.js';
import { type Environment, type ReleasePolicy, readPolicyParts } from '../../rooms/release/index.js';
import { type StreamGiven, type StreamSpec, streamSpec } from '../../rooms/serving/index.js';
import { projectErrors } from './project-errors.js';

/** A project as the rooms understand it: durations in milliseconds, defaults filled in. */
export interface ProjectIr {
  readonly project: string;
  readonly datasets: Readonly<Record<string, DatasetSpec>>;
  readonly pipelines: Readonly<Record<string, PipelineSpec>>;
  readonly environments: Readonly<Record<string, Environment>>;
  readonly endpoints: Readonly<Record<string, EndpointIr>>;
  readonly monitors: Readonly<Record<string, MonitorSpec>>;
  /** Null: there shall be none of this name. */
  readonly streams: Readonly<Record<string, StreamSpec | null>>;
  readonly rules: Readonly<Record<string, RuleSpec>>;
}

export interface EndpointIr {
  readonly model: string;
  readonly description: string;
  readonly policy: Omit<ReleasePolicy, 'digest' | 'endpoint'>;
}

type Raw = Record<string, unknown>;
type Group = Record<string, Raw>;

/** Compiled at the first project file: it takes a tenth of a second, which the start of the server need not wait for. */
let compiled: ValidateFunction | undefined;
function projectCheck(): ValidateFunction {
  compiled ??= new Ajv2020({ allErrors: true, discriminator: true, strict: false }).compile(ProjectSchema);
  return compiled;
}

/** Checks a project file's content against its schema and turns it into the rooms' own shapes. Throws PRJ_INVALID, PRJ_REFERENCE. */
export function parseProject(content: unknown): ProjectIr {
  const validate = projectCheck();
  if (!validate(content)) {
    const problems = (validate.errors ?? []).slice(0, 20).map(problemOf);
    const first = problems[0];
    throw projectErrors.PRJ_INVALID(`${first?.path || 'The file'}: ${first?.problem} (${countProblems(problems)}).`, {
      data: { problems },
    });
  }
  const raw = content as unknown as Raw;
  const group = (key: string) => (raw[key] ?? {}) as Group;
  const ir: ProjectIr = {
    project: String(raw.project),
    datasets: mapGroup(group('datasets'), toDataset),
    pipelines: mapGroup(group('pipelines'), toPipeline),
    environments: mapGroup(group('environments'), toEnvironment),
    endpoints: mapGroup(group('endpoints'), toEndpoint),
    monitors: mapGroup(group('monitors'), toMonitor),
    streams: mapGroup(group('streams'), toStream),
    rules: mapGroup(group('rules'), toRule),
  };
  checkReferences(ir);
  return ir;
}

function problemOf(error: ErrorObject): { path: string; problem: string } {
  const path = error.instancePath.slice(1).replaceAll('/', '.');
  const params = error.params as Record<string, unknown>;
  if (error.keyword === 'additionalProperties') return { path, problem: `unknown key '${params.additionalProperty}'` };
  if (error.keyword === 'discriminator') return { path, problem: `'${params.tagValue}' is no known ${params.tag}` };
  if (error.keyword === 'const') return { path, problem: `must be ${JSON.stringify(params.allowedValue)}` };
  return { path, problem: error.message ?? error.keyword };
}

function mapGroup<T>(group: Group, map: (raw: Raw, name: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(group).map(([name, raw]) => [name, map(raw, name)]));
}

function toDataset(raw: Raw): DatasetSpec {
  const label = raw.label as { name: string; of: string; horizon: string | number } | undefined;
  const { label: _, ...rest } = raw;
  return {
    ...(rest as unknown as Omit<DatasetSpec, 'label'>),
    ...(label && { label: { name: label.name, of: label.of, horizonMs: parseDurationMs(label.horizon) } }),
  };
}

function toPipeline(raw: Raw, name: string): PipelineSpec {
  const steps = mapGroup(raw.steps as Group, (step, stepName) => {
    const kinds = ['uses', 'function', 'run'].filter((kind) => step[kind] !== undefined);
    if (kinds.length !== 1) {
      const path = `pipelines.${name}.steps.${stepName}`;
      throw projectErrors.PRJ_INVALID(`${path}: exactly one of uses, function or run is needed, got ${kinds.length}.`, {
        data: { problems: [{ path, problem: `has ${kinds.join(' and ') || 'none of uses, function, run'}` }] },
      });
    }
    const { timeout, ...rest } = step;
    return { ...rest, ...(timeout !== undefined && { timeoutMs: parseDurationMs(timeout as string) }) };
  });
  return { ...(raw as object), steps } as unknown as PipelineSpec;
}

function toEndpoint(raw: Raw): EndpointIr {
  return {
    model: String(raw.model),
    description: String(raw.description ?? ''),
    // All parts but the waivers are there: the schema asks for them.
    policy: readPolicyParts(raw.release as Raw) as EndpointIr['policy'],
  };
}

function toEnvironment({ description = '', approval, policy = {} }: Raw, name: string): Environment {
  const parts = readPolicyParts(policy as Raw);
  return { name, description: String(description), approval: approval as Environment['approval'], policy: parts };
}

function toMonitor(raw: Raw): MonitorSpec {
  const drift = (raw.drift ?? {}) as Partial<MonitorSpec['drift']>;
  return {
    reference: 'training',
    everyRows: 0,
    minRows: Math.min(30, raw.windowRows as number),
    ...(raw as unknown as Pick<MonitorSpec, 'endpoint' | 'windowRows'>),
    drift: { alpha: 0.01, minEffect: 0.1, ...drift },
  };
}

function toStream({ removed, ackWait, ...given }: Raw, name: string): StreamSpec | null {
  if (removed === true) return null;
  const ackWaitMs = ackWait === undefined ? undefined : parseDurationMs(ackWait as string);
  if (ackWaitMs !== undefined && (ackWaitMs < 1000 || ackWaitMs > 3_600_000)) {
    const path = `streams.${name}.ackWait`;
    const problem = `is ${ackWait}, expected 1s to 1h`;
    throw projectErrors.PRJ_INVALID(`${path}: ${problem}.`, { data: { problems: [{ path, problem }] } });
  }
  return streamSpec(name, { ...(given as unknown as StreamGiven), ackWaitMs });
}

function toRule(raw: Raw): RuleSpec {
  const { coolDown, ...rest } = raw;
  return {
    maxPerDay: 3,
    dryRun: false,
    enabled: true,
    ...(rest as unknown as Pick<RuleSpec, 'on' | 'actions'>),
    coolDownMs: parseDurationMs((coolDown as string | undefined) ?? '6h'),
  };
}

/** Every name that one part of the file uses must be declared by another. */
function checkReferences(ir: ProjectIr): void {
  const demand = (path: string, name: string, group: Readonly<Record<string, unknown>>, kind: string) => {
    if (Object.hasOwn(group, name)) return;
    throw projectErrors.PRJ_REFERENCE(`${path} names the ${kind} '${name}', which is not declared.`, {
      data: { path, name, declared: Object.keys(group) },
    });
  };
  for (const [name, dataset] of Object.entries(ir.datasets)) {
    const { columns, derive } = dataset.source;
    if (columns === undefined) continue;
    const known = { ...columns, ...derive };
    for (const column of [dataset.time, ...(dataset.entity ?? []), dataset.label?.of]) {
      if (column !== undefined) demand(`datasets.${name}`, column, known, 'column');
    }
  }
  for (const [name, pipeline] of Object.entries(ir.pipelines)) {
    for (const trigger of pipeline.triggers ?? []) {
      if (trigger.on === 'data-version') demand(`pipelines.${name}.triggers`, trigger.dataset, ir.datasets, 'dataset');
    }
  }
  for (const [name, monitor] of Object.entries(ir.monitors)) {
    demand(`monitors.${name}.endpoint`, monitor.endpoint, ir.endpoints, 'endpoint');
  }
  for (const [name, stream] of Object.entries(ir.streams)) {
    if (stream === null) continue;
    demand(`streams.${name}.endpoint`, stream.endpoint, ir.endpoints, 'endpoint');
    const { environment } = stream;
    const places = { test: true, production: true, ...ir.environments };
    demand(`streams.${name}.environment`, environment, places, 'environment');
  }
  for (const [name, rule] of Object.entries(ir.rules)) {
    for (const action of rule.actions) {
      if (action.kind === 'retrain') demand(`rules.${name}`, action.pipeline, ir.pipelines, 'pipeline');
      if (action.kind === 'roll-back') demand(`rules.${name}`, action.endpoint, ir.endpoints, 'endpoint');
    }
  }
}

/** `1 problem`, `2 problems`. */
export function countProblems({ length }: readonly unknown[]): string {
  return length === 1 ? '1 problem' : `${length} problems`;
}
