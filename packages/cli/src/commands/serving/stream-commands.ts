import type { StreamView } from '@fairlead/contracts';
import type { StreamDeclaration } from '@fairlead/sdk';
import type { Command } from 'commander';
import { defineCommand, defineGroup } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseJson, readText } from '../../parse-values.js';
import { printFacts, printTable } from '../../terminal/print-table.js';

/** `fairlead stream …` */
export function streamGroup(io: Io): Command {
  return defineGroup('stream', 'Messages of brokers that endpoints answer', [
    listCommand(io),
    showCommand(io),
    declareCommand(io),
    pauseCommand(io, true),
    pauseCommand(io, false),
    removeCommand(io),
  ]);
}

const NAME = { '<name>': 'name of the stream' };

function listCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'list',
    summary: 'List the streams',
    examples: ['fairlead stream list'],
    run: async (session) => {
      const { items } = await session.client.streams.list();
      session.show(items, () =>
        items.length === 0
          ? 'no streams'
          : printTable(
              ['stream', 'endpoint', 'state', 'answered>', 'dead>', 'duplicates>', 'lag>'],
              items.map(({ spec, status }) => [
                ...[spec.name, `${spec.endpoint}@${spec.environment}`, status.state, String(status.answered)],
                ...[String(status.deadLettered), String(status.duplicates), String(status.lag ?? '')],
              ]),
            ),
      );
    },
  });
}

function showCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'show',
    summary: 'Show a stream, how far it is and what went wrong last',
    arguments: NAME,
    examples: ['fairlead stream show days'],
    run: async (session, _, name = '') => {
      const stream = await session.client.streams.get(name);
      session.show(stream, () => factsOf(stream));
    },
  });
}

function declareCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'declare',
    summary: 'Answer the messages of a broker by an endpoint, or change how',
    arguments: { ...NAME, '<file>': 'declaration in JSON' },
    examples: ['fairlead stream declare days stream.json'],
    run: async (session, _, name = '', file = '') => {
      const declaration = parseJson(await readText(file, io.cwd), file) as StreamDeclaration;
      const { stream, changed } = await session.client.streams.declare(name, declaration);
      session.show({ stream, changed }, () => factsOf(stream));
    },
  });
}

function pauseCommand(io: Io, paused: boolean): Command {
  return defineCommand(io, {
    name: paused ? 'pause' : 'resume',
    summary: paused ? 'Read no more messages, when what has arrived is answered' : 'Read messages again',
    arguments: NAME,
    examples: [`fairlead stream ${paused ? 'pause' : 'resume'} days`],
    run: async (session, _, name = '') => {
      const { streams } = session.client;
      const { name: __, subject, ...spec } = (await streams.get(name)).spec;
      const declaration = { ...spec, ...(subject !== null && { subject }), paused };
      const { stream } = await streams.declare(name, declaration);
      session.show(stream, () => factsOf(stream));
    },
  });
}

function removeCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'remove',
    summary: 'Answer the stream no more; what it answered is forgotten here, what it read is not in the broker',
    arguments: NAME,
    examples: ['fairlead stream remove days'],
    run: async (session, _, name = '') => {
      await session.client.streams.remove(name);
      session.show({ removed: name }, () => `stream ${name} is removed`);
    },
  });
}

function factsOf({ spec, status }: StreamView): string {
  return printFacts({
    stream: spec.name,
    reads: `${spec.stream}${spec.subject === null ? '' : ` (${spec.subject})`} of ${spec.broker}`,
    endpoint: `${spec.endpoint}@${spec.environment}`,
    'answers to': spec.output,
    'dead letters to': spec.deadLetter,
    state: status.state,
    'last error': status.error ?? undefined,
    answered: String(status.answered),
    'dead letters': String(status.deadLettered),
    duplicates: String(status.duplicates),
    retried: String(status.retried),
    lag: status.lag === null ? undefined : String(status.lag),
  });
}
