import type { ExperimentView } from '@fairlead/contracts';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand, defineGroup, type Session } from '../../define-command.js';
import type { Io } from '../../io.js';
import { formatWhen } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';

/** `fairlead experiment …` */
export function experimentGroup(io: Io): Command {
  return defineGroup('experiment', 'Names under which runs are compared', [
    listCommand(io),
    moveCommand(io, 'active'),
    moveCommand(io, 'deleted'),
  ]);
}

function listCommand(io: Io): Command {
  return defineCommand<{ deleted?: boolean }>(io, {
    name: 'list',
    summary: 'List the experiments',
    options: { '--deleted': 'those that were deleted and not purged' },
    examples: ['fairlead experiment list', 'fairlead experiment list --deleted'],
    run: async (session, { deleted = false }) => {
      const { items } = await session.client.experiments.list(deleted ? { lifecycle: 'deleted' } : {});
      session.show({ items }, () =>
        printTable(
          ['experiment', 'id>', 'made', ...(deleted ? ['deleted'] : [])],
          items.map(({ id, name, createdAtMs, updatedAtMs }) => [
            name,
            id,
            formatWhen(createdAtMs, io.nowMs()),
            ...(deleted ? [formatWhen(updatedAtMs, io.nowMs())] : []),
          ]),
        ),
      );
    },
  });
}

const WORDS = {
  active: {
    name: 'delete',
    summary: 'Delete an experiment with its runs; its name is free again, and it can be brought back',
    done: 'deleted with its runs',
  },
  deleted: {
    name: 'restore',
    summary: 'Bring a deleted experiment back, with the runs that were deleted with it',
    done: 'brought back with the runs that went with it',
  },
} as const;

/** `from` is the state that the experiment is to leave. */
function moveCommand(io: Io, from: 'active' | 'deleted'): Command {
  const { name, summary, done } = WORDS[from];
  return defineCommand<{ id?: boolean }>(io, {
    name,
    summary,
    arguments: { '<experiment>': 'its name; with --id its id' },
    options: { '--id': 'the argument is an id: needed when several deleted ones had one name' },
    examples: [`fairlead experiment ${name} rain`, `fairlead experiment ${name} 7 --id`],
    run: async (session, { id = false }, text = '') => {
      const { experiments } = session.client;
      const found = id ? text : (await theOne(session, text, from)).id;
      const moved = from === 'active' ? await experiments.remove(found) : await experiments.restore(found);
      session.show(moved, () => [
        `${moved.name} (${moved.id}) ${done}.`,
        from === 'active' ? `next: fairlead experiment restore ${moved.id} --id   # brings it back` : '',
      ]);
    },
  });
}

/** Throws CLI_USAGE when none or several have the name. */
async function theOne(
  { client }: Session,
  name: string,
  lifecycle: ExperimentView['lifecycle'],
): Promise<ExperimentView> {
  const { items } = await client.experiments.list({ lifecycle });
  const named = items.filter((experiment) => experiment.name === name);
  if (named.length === 1 && named[0] !== undefined) return named[0];
  throw cliErrors.CLI_USAGE(
    named.length === 0
      ? `No ${lifecycle} experiment is named '${name}'.`
      : `${named.length} deleted experiments were named '${name}': name one by --id, of ${named.map(({ id }) => id).join(', ')}.`,
  );
}
