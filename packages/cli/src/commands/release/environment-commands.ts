import type { EnvironmentDeclarationSchema, EnvironmentView, Wire } from '@fairlead/contracts';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand, defineGroup } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice, parseJson, readText } from '../../parse-values.js';
import { printFacts, printTable } from '../../terminal/print-table.js';
import { type PolicyParts, presentPolicyParts } from './present-policy.js';

type Declaration = Wire<typeof EnvironmentDeclarationSchema>;

const NAME = { '<environment>': 'name of the environment' };

/** `fairlead environment …` */
export function environmentGroup(io: Io): Command {
  return defineGroup('environment', 'Environments: where models serve, and what they need there', [
    listCommand(io),
    showCommand(io),
    declareCommand(io),
    removeCommand(io),
  ]);
}

function listCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'list',
    summary: 'List the environments',
    examples: ['fairlead environment list'],
    run: async (session) => {
      const { items } = await session.client.environments.list();
      session.show({ items }, () =>
        printTable(
          ['environment', 'approval', 'policy', 'description'],
          items.map((one) => [one.name, one.approval, policyOf(one), one.description]),
        ),
      );
    },
  });
}

function policyOf({ approval, policy }: EnvironmentView): string {
  const own = Object.keys(policy);
  if (approval === 'none') return '';
  return own.length === 0 ? 'of the endpoint' : `of the endpoint, but its own ${own.join(', ')}`;
}

function showCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'show',
    summary: 'Show an environment and what its policy changes',
    arguments: NAME,
    examples: ['fairlead environment show staging'],
    run: async (session, _, name = '') => {
      const found = await session.client.environments.get(name);
      session.show(found, () => factsOf(found));
    },
  });
}

function factsOf(environment: EnvironmentView): string[] {
  const { name, description, approval, policy } = environment;
  const own = Object.keys(policy).join(', ');
  return [
    printFacts({ environment: name, description, approval, 'its own': own || null }),
    ...presentPolicyParts(policy as unknown as PolicyParts),
  ];
}

function declareCommand(io: Io): Command {
  return defineCommand<{ approval?: string; description?: string }>(io, {
    name: 'declare',
    summary: 'Declare an environment: whether models need an approval there, and under which policy',
    arguments: {
      ...NAME,
      '[file]': 'parts of the release policy that hold there, in JSON (gates, approval, rollout, waivers)',
    },
    options: {
      '--approval <word>': 'required: only what a release approved for it is loaded; none',
      '--description <text>': 'what it is for',
    },
    examples: [
      'fairlead environment declare staging staging-policy.json --approval required',
      'fairlead environment declare sandbox --approval none --description "for trying things"',
    ],
    run: async (session, { approval, description }, name = '', file) => {
      if (approval === undefined) throw cliErrors.CLI_USAGE('An environment needs --approval required or none.');
      const policy = file === undefined ? undefined : parseJson(await readText(file, io.cwd), file);
      const declared = await session.client.environments.declare(name, {
        approval: parseChoice(approval, '--approval', ['required', 'none']),
        ...(description !== undefined && { description }),
        ...(policy !== undefined && { policy: policy as NonNullable<Declaration['policy']> }),
      });
      session.show(declared, () => [...factsOf(declared.environment), declared.changed ? 'declared' : 'unchanged']);
    },
  });
}

function removeCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'remove',
    summary: 'Remove an environment where nothing serves and nothing is on its way to',
    arguments: NAME,
    examples: ['fairlead environment remove sandbox'],
    run: async (session, _, name = '') => {
      await session.client.environments.remove(name);
      session.show({ removed: name }, () => [`the environment ${name} is removed`]);
    },
  });
}
