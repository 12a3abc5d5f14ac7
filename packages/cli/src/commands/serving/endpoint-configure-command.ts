import type { Command } from 'commander';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseJson, readText } from '../../parse-values.js';
import { printFacts } from '../../terminal/print-table.js';

/** How the versions of an endpoint are served from the next deployment on. */
export function configureCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'configure',
    summary: 'Say how an endpoint is served from its next deployment on: by which backend, where, with which limits',
    arguments: {
      '<endpoint>': 'name of the endpoint',
      '[file]': 'configuration in JSON; without one the defaults of the server',
    },
    examples: ['fairlead endpoint configure rain serving.json', 'fairlead endpoint configure rain'],
    run: async (session, _, name = '', file) => {
      const { endpoints } = session.client;
      const { model, description } = await endpoints.get(name);
      const configuration = file === undefined ? {} : parseJson(await readText(file, io.cwd), file);
      const declared = await endpoints.declare(name, { model, description, configuration: configuration as object });
      session.show(declared, () =>
        printFacts({
          endpoint: name,
          configuration: JSON.stringify(declared.endpoint.configuration),
          changed: declared.changed ? 'yes; deploy or release a version to use it' : 'no',
        }),
      );
    },
  });
}

/** Makes an endpoint for a model that no project file declares. */
export function declareCommand(io: Io): Command {
  return defineCommand<{ description?: string }>(io, {
    name: 'declare',
    summary: 'Make an endpoint that answers with a model; deploy or release one of its versions next',
    arguments: { '<endpoint>': 'name of the endpoint', '<model>': 'the model whose versions it serves' },
    options: { '--description <text>': 'what it is for' },
    examples: ['fairlead endpoint declare rain rain-model'],
    run: async (session, { description }, name = '', model = '') => {
      const declared = await session.client.endpoints.declare(name, {
        model,
        ...(description !== undefined && { description }),
      });
      session.show(declared, () => [
        `${name} serves ${model}${declared.changed ? '' : ', as before'}`,
        `next: fairlead endpoint deploy ${name} --version 1, or fairlead release request`,
      ]);
    },
  });
}
