import type { Plan, PlannedChange } from '@fairlead/contracts';
import { isFairleadApiError } from '@fairlead/sdk';
import type { Command } from 'commander';
import { defineCommand, type Session } from '../../define-command.js';
import type { Io } from '../../io.js';
import { type LoadedProject, loadProject } from '../../project/load-project.js';
import { brief, count } from '../../terminal/format.js';

const FILE_OPTION = { '-f, --file <path>': 'project file (default: the one in this folder)' };

interface Options {
  readonly file?: string;
}

export function planCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'plan',
    summary: 'Show what applying the project file would change',
    options: FILE_OPTION,
    examples: ['fairlead plan', 'fairlead plan -f examples/port-weather/fairlead.yaml --json'],
    run: async (session, { file }) => {
      const loaded = await loadProject(file, io.cwd);
      const plan = await send(session, loaded, 'plan');
      session.show(plan, () => [
        ...presentChanges(plan, session),
        pending(plan) === 0 ? 'nothing to do' : `next: fairlead apply${file === undefined ? '' : ` -f ${file}`}`,
      ]);
    },
  });
}

export function applyCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'apply',
    summary: 'Declare everything of the project file; repeating it changes nothing',
    options: FILE_OPTION,
    examples: ['fairlead apply', 'fairlead apply -f examples/port-weather/fairlead.yaml'],
    run: async (session, { file }) => {
      const loaded = await loadProject(file, io.cwd);
      const plan = await send(session, loaded, 'apply');
      const pipeline = plan.changes.find(({ kind }) => kind === 'pipeline')?.name;
      session.show(plan, () => [
        ...presentChanges(plan, session),
        `applied ${plan.project}: ${count(pending(plan), 'change')}`,
        pipeline === undefined ? 'next: fairlead status' : `next: fairlead run ${pipeline}`,
      ]);
    },
  });
}

const pending = ({ changes }: Plan) => changes.filter(({ action }) => action !== 'none').length;

async function send(session: Session, loaded: LoadedProject, verb: 'plan' | 'apply'): Promise<Plan> {
  const { folder, project } = loaded;
  try {
    return await session.busy(`${verb} ${loaded.path}`, () => session.client.projects[verb]({ folder, project }));
  } catch (error) {
    throw placed(error, loaded);
  }
}

/** The server names problems by their path in the project; people want the line of the file. */
function placed(error: unknown, { placeOf }: LoadedProject): unknown {
  const problems = isFairleadApiError(error) ? error.data.problems : undefined;
  if (!Array.isArray(problems)) return error;
  for (const problem of problems as { at?: string; path?: string }[]) {
    const at = problem.path === undefined ? undefined : placeOf(problem.path);
    if (at !== undefined) problem.at = at;
  }
  const at = (problems[0] as { at?: string } | undefined)?.at;
  if (at !== undefined) (error as Error).message = `${at}: ${(error as Error).message}`;
  return error;
}

function presentChanges({ changes }: Plan, { style }: Session): string[] {
  return changes.flatMap((change) => presentChange(change, style));
}

function presentChange({ kind, name, action, differences }: PlannedChange, style: Session['style']): string[] {
  if (action === 'none') return [style.dim(`  ${kind} ${name}`)];
  if (action === 'remove') return [style.red(`- ${kind} ${name}`)];
  if (action === 'create') return [style.green(`+ ${kind} ${name}`)];
  return [
    style.yellow(`~ ${kind} ${name}`),
    ...differences.flatMap(({ path, before, after }) => [
      ...(before === null ? [] : [style.red(`    - ${path}: ${brief(before, 100)}`)]),
      ...(after === null ? [] : [style.green(`    + ${path}: ${brief(after, 100)}`)]),
    ]),
  ];
}
