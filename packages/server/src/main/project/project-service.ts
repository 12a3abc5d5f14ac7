import { realpath } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import type { Plan, PlannedChange } from '@fairlead/contracts';
import { isFairleadError, messageOf } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';
import { can, requireCan } from '../../platform/identity/index.js';
import type { AutomationService } from '../../rooms/automation/index.js';
import type { DataService } from '../../rooms/data/index.js';
import type { MonitoringService } from '../../rooms/monitoring/index.js';
import type { PipelinesService } from '../../rooms/pipelines/index.js';
import type { Environment, ReleaseService } from '../../rooms/release/index.js';
import type { ServingService, StreamService, StreamSpec } from '../../rooms/serving/index.js';
import { differences } from './differences.js';
import { countProblems, type EndpointIr, type ProjectIr, parseProject } from './parse-project.js';
import { projectErrors } from './project-errors.js';
import { absoluteSource } from './source-path.js';

export interface ProjectRooms {
  readonly data: DataService;
  readonly pipelines: PipelinesService;
  readonly serving: ServingService;
  readonly streams: StreamService;
  readonly release: ReleaseService;
  readonly monitoring: MonitoringService;
  readonly automation: AutomationService;
}

export interface ProjectService {
  /** What {@link ProjectService.apply} would change. Throws PRJ_INVALID, PRJ_REFERENCE, PRJ_FOLDER_FORBIDDEN. */
  plan(request: { folder: string; project: unknown }): Promise<Plan>;
  /**
   * Declares everything of the project, room by room from left to right. Repeating it changes nothing. Release policies say
   * who may let a model through, so they are not the engineers' to change: whoever may write policies but no projects
   * declares only the policies of the file; whoever may write projects but no policies is refused, before anything is
   * declared, when a policy differs. Throws IDN_FORBIDDEN.
   */
  apply(context: ChangeContext, request: { folder: string; project: unknown }): Promise<Plan>;
}

/** One declared thing: what stands now, what the file says, and how to make the one the other. */
interface Declaration {
  readonly kind: PlannedChange['kind'];
  readonly name: string;
  readonly current: () => Promise<unknown>;
  readonly wanted: unknown;
  readonly declare: (context: ChangeContext) => Promise<unknown>;
}

export function createProjectService(rooms: ProjectRooms, options: { roots: readonly string[] }): ProjectService {
  const prepare = async ({ folder, project }: { folder: string; project: unknown }) => {
    const real = await allowedFolder(folder, options.roots);
    const ir = parseProject(project);
    checkSteps(ir, rooms.pipelines);
    checkStreams(ir, rooms.streams);
    return { ir, declarations: declarationsOf(ir, rooms, real) };
  };
  return {
    plan: async (request) => {
      const { ir, declarations } = await prepare(request);
      return { project: ir.project, changes: await Promise.all(declarations.map(plannedChange)) };
    },
    apply: async (context, request) => {
      const { actor } = context;
      if (!can(actor, 'policy:write')) requireCan(actor, 'project:write');
      const { ir, declarations } = await prepare(request);
      // What models need somewhere is a policy; a place where they need nothing is the engineers'.
      const isPolicy = ({ kind, wanted }: Declaration) =>
        kind === 'policy' || (kind === 'environment' && (wanted as Environment).approval === 'required');
      const mine = can(actor, 'project:write') ? declarations : declarations.filter(isPolicy);
      for (const policy of mine.filter(isPolicy)) {
        if ((await plannedChange(policy)).action !== 'none') requireCan(actor, 'policy:write');
      }
      const changes: PlannedChange[] = [];
      for (const declaration of mine) {
        const change = await plannedChange(declaration);
        if (change.action !== 'none') await declaration.declare(context);
        changes.push(change);
      }
      return { project: ir.project, changes };
    },
  };
}

function declarationsOf(ir: ProjectIr, rooms: ProjectRooms, folder: string): Declaration[] {
  const each = <T>(group: Readonly<Record<string, T>>, make: (name: string, wanted: T) => Declaration) =>
    Object.entries(group).map(([name, wanted]) => make(name, wanted));
  return [
    ...each(ir.datasets, (name, spec): Declaration => {
      const wanted = { ...spec, source: { ...spec.source, path: absoluteSource(spec.source.path, folder) } };
      return {
        kind: 'dataset',
        name,
        wanted,
        current: async () => (await rooms.data.list()).find((dataset) => dataset.name === name)?.spec,
        declare: (context) => rooms.data.declare(context, name, wanted),
      };
    }),
    ...each(
      ir.pipelines,
      (name, spec): Declaration => ({
        kind: 'pipeline',
        name,
        wanted: spec,
        current: async () => (await rooms.pipelines.list()).find((pipeline) => pipeline.name === name)?.spec,
        declare: (context) => rooms.pipelines.declare(context, name, { spec, projectFolder: folder }),
      }),
    ),
    ...each(ir.environments, (name, environment) => environmentDeclaration(rooms, name, environment)),
    ...each(ir.endpoints, (name, endpoint) => endpointDeclaration(rooms, name, endpoint)),
    ...each(ir.endpoints, (name, endpoint) => policyDeclaration(rooms, name, endpoint)),
    ...each(
      ir.monitors,
      (name, spec): Declaration => ({
        kind: 'monitor',
        name,
        wanted: spec,
        current: async () => (await rooms.monitoring.list()).find((monitor) => monitor.name === name)?.spec,
        declare: (context) => rooms.monitoring.declare(context, name, spec),
      }),
    ),
    ...each(ir.streams, (name, spec) => streamDeclaration(rooms.streams, name, spec)),
    ...each(
      ir.rules,
      (name, spec): Declaration => ({
        kind: 'rule',
        name,
        wanted: spec,
        current: async () => (await rooms.automation.rules()).find((rule) => rule.name === name)?.spec,
        declare: (context) => rooms.automation.declare(context, name, spec),
      }),
    ),
  ];
}

function environmentDeclaration(rooms: ProjectRooms, name: string, wanted: Environment): Declaration {
  return {
    kind: 'environment',
    name,
    wanted,
    current: async () => (await rooms.release.environments()).find((one) => one.name === name),
    declare: (context) => rooms.release.declareEnvironment(context, wanted),
  };
}

function endpointDeclaration(rooms: ProjectRooms, name: string, endpoint: EndpointIr): Declaration {
  const wanted = { model: endpoint.model, description: endpoint.description };
  return {
    kind: 'endpoint',
    name,
    wanted,
    current: async () => {
      const found = (await rooms.serving.endpoints()).find((candidate) => candidate.name === name);
      return found && { model: found.model, description: found.description };
    },
    declare: (context) => rooms.serving.declareEndpoint(context, { name, ...wanted }),
  };
}

function policyDeclaration(rooms: ProjectRooms, name: string, endpoint: EndpointIr): Declaration {
  return {
    kind: 'policy',
    name,
    wanted: endpoint.policy,
    current: async () => {
      const found = (await rooms.release.policies()).find((policy) => policy.endpoint === name);
      if (found === undefined) return undefined;
      const { endpoint: _, digest: __, ...content } = found;
      return content;
    },
    declare: (context) => rooms.release.declarePolicy(context, name, endpoint.policy),
  };
}

/** Without a specification there shall be none. */
function streamDeclaration(streams: StreamService, name: string, wanted: StreamSpec | null): Declaration {
  return {
    kind: 'stream',
    name,
    wanted,
    current: async () => (await streams.specs()).find((spec) => spec.name === name),
    declare: (context) => (wanted === null ? streams.remove(context, name) : streams.declare(context, wanted)),
  };
}

async function plannedChange({ kind, name, current, wanted }: Declaration): Promise<PlannedChange> {
  const before = await current();
  if (wanted === null) return { kind, name, action: before === undefined ? 'none' : 'remove', differences: [] };
  const found = differences(before, wanted);
  if (before === undefined) return { kind, name, action: 'create', differences: [] };
  return { kind, name, action: found.length === 0 ? 'none' : 'change', differences: found };
}

/** What a broker would refuse is said before anything is declared. */
function checkStreams(ir: ProjectIr, streams: StreamService): void {
  const problems = Object.entries(ir.streams).flatMap(([name, spec]) => {
    if (spec === null) return [];
    try {
      const issue = streams.issueOf(spec);
      return issue === null ? [] : [{ path: `streams.${name}.${issue.field}`, problem: issue.problem }];
    } catch (error) {
      if (!isFairleadError(error) || error.code !== 'BRK_ADDRESS_INVALID') throw error;
      return [{ path: `streams.${name}.broker`, problem: messageOf(error) }];
    }
  });
  if (problems.length === 0) return;
  throw projectErrors.PRJ_INVALID(`${problems[0]?.path}: ${problems[0]?.problem} (${countProblems(problems)}).`, {
    data: { problems },
  });
}

function checkSteps(ir: ProjectIr, pipelines: PipelinesService): void {
  const handlers = new Map(pipelines.handlers().map((handler) => [handler.uses, handler]));
  const problems = Object.entries(ir.pipelines).flatMap(([name, pipeline]) =>
    Object.entries(pipeline.steps).flatMap(([stepName, step]) => {
      if (!('uses' in step)) return [];
      const path = `pipelines.${name}.steps.${stepName}`;
      const handler = handlers.get(step.uses);
      if (handler === undefined) {
        return [{ path, problem: `no built-in step '${step.uses}'; there are ${[...handlers.keys()].join(', ')}` }];
      }
      return handler
        .check(step.with ?? {}, Object.keys(step.inputs ?? {}))
        .map((problem) => ({ path: `${path}.with`, problem }));
    }),
  );
  if (problems.length === 0) return;
  throw projectErrors.PRJ_INVALID(`${problems[0]?.path}: ${problems[0]?.problem} (${countProblems(problems)}).`, {
    data: { problems },
  });
}

async function allowedFolder(folder: string, roots: readonly string[]): Promise<string> {
  const real = await realpath(folder).catch(() => folder);
  for (const root of roots) {
    const way = relative(await realpath(root).catch(() => root), real);
    if (way === '' || (!way.startsWith('..') && !isAbsolute(way))) return real;
  }
  throw projectErrors.PRJ_FOLDER_FORBIDDEN(`${folder} is in none of the folders this server may use.`, {
    data: { folder, roots },
  });
}
