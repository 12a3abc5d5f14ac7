import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand, defineGroup } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice, parseRoles, parseWhole } from '../../parse-values.js';
import { formatTime, formatWhen } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';
import { type OfflineFlags, withPeople } from './with-people.js';

const PERSON = { '<name>': 'name of the person or service' };
const OFFLINE = {
  '--home <folder>': 'work on the database of this home, without a server',
  '--database-url <address>': 'work on this database, without a server',
};

/** `fairlead person …` */
export function personGroup(io: Io): Command {
  return defineGroup('person', 'People and services, their roles and tokens', [
    addCommand(io),
    listCommand(io),
    rolesCommand(io),
    tokenCommand(io),
    tokensCommand(io),
    revokeCommand(io),
    disableCommand(io),
    whoamiCommand(io),
  ]);
}

interface AddOptions extends OfflineFlags {
  readonly roles?: string;
  readonly name?: string;
  readonly kind?: string;
}

function addCommand(io: Io): Command {
  return defineCommand<AddOptions>(io, {
    name: 'add',
    summary: 'Add a person or a service',
    arguments: PERSON,
    options: {
      '--roles <list>':
        'comma between them: viewer, data-scientist, ml-engineer, qa, product-owner, risk-manager, auditor, admin',
      '--name <text>': 'full name, for people to read',
      '--kind <kind>': 'user (default), or service: a program, which may never sign',
      ...OFFLINE,
    },
    examples: [
      'fairlead person add ada --roles admin,ml-engineer --home .fairlead',
      'fairlead person add nightly --kind service --roles data-scientist',
    ],
    run: async (session, options, name = '') => {
      const { roles, name: displayName, kind } = options;
      if (roles === undefined) throw cliErrors.CLI_USAGE('A person needs --roles.');
      const person = await withPeople(session, options, (people) =>
        people.add({
          name,
          roles: parseRoles(roles),
          ...(displayName !== undefined && { displayName }),
          ...(kind !== undefined && { kind: parseChoice(kind, '--kind', ['user', 'service']) }),
        }),
      );
      const where = options.home === undefined ? '' : ` --home ${options.home}`;
      session.show(person, () => [
        `added ${person.kind} ${person.name}: ${person.roles.join(', ')}`,
        `next: fairlead person token ${person.name}${where}`,
      ]);
    },
  });
}

function listCommand(io: Io): Command {
  return defineCommand<OfflineFlags>(io, {
    name: 'list',
    summary: 'List people and services with their roles',
    options: OFFLINE,
    examples: ['fairlead person list'],
    run: async (session, options) => {
      const people = await withPeople(session, options, (door) => door.list());
      session.show({ items: people }, () =>
        printTable(
          ['name', 'kind', 'roles', 'added', 'disabled'],
          people.map((person) => [
            person.name,
            person.kind,
            person.roles.join(', '),
            formatWhen(person.createdAtMs, io.nowMs()),
            formatWhen(person.disabledAtMs, io.nowMs()),
          ]),
        ),
      );
    },
  });
}

function rolesCommand(io: Io): Command {
  return defineCommand<OfflineFlags>(io, {
    name: 'roles',
    summary: 'Replace the roles of a person',
    arguments: { ...PERSON, '<roles>': 'comma between them' },
    options: OFFLINE,
    examples: ['fairlead person roles ada qa,ml-engineer'],
    run: async (session, options, name = '', roles = '') => {
      const person = await withPeople(session, options, (people) => people.setRoles(name, parseRoles(roles)));
      session.show(person, () => `${person.name}: ${person.roles.join(', ') || 'no roles'}`);
    },
  });
}

interface TokenOptions extends OfflineFlags {
  readonly label?: string;
  readonly days?: string;
}

function tokenCommand(io: Io): Command {
  return defineCommand<TokenOptions>(io, {
    name: 'token',
    summary: 'Issue a token; it is shown this once and never again',
    arguments: PERSON,
    options: {
      '--label <text>': 'what it is for (default: command line)',
      '--days <n>': 'valid for so many days, 1 to 365 (default 90)',
      ...OFFLINE,
    },
    examples: [
      'fairlead person token ada --home .fairlead',
      'export FAIRLEAD_TOKEN=$(fairlead person token ada --json | jq -r .token)',
    ],
    run: async (session, options, name = '') => {
      const { label = 'command line', days } = options;
      const token = await withPeople(session, options, (people) =>
        people.issueToken(name, {
          label,
          ...(days !== undefined && { expiresInDays: parseWhole(days, '--days') }),
        }),
      );
      session.show(token, () => [
        token.token,
        `valid until ${formatTime(token.expiresAtMs)}; to take it back: fairlead person revoke ${name} ${token.id}`,
        `next: export FAIRLEAD_TOKEN=${token.token}`,
      ]);
    },
  });
}

function tokensCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'tokens',
    summary: 'List the tokens of a person, without their secrets',
    arguments: PERSON,
    examples: ['fairlead person tokens ada'],
    run: async (session, _, name = '') => {
      const { tokens } = await session.client.people.tokens(name);
      session.show({ items: tokens }, () =>
        printTable(
          ['token', 'label', 'issued', 'valid until', 'revoked'],
          tokens.map(({ id, label, createdAtMs, expiresAtMs, revokedAtMs }) => [
            id,
            label,
            formatWhen(createdAtMs, io.nowMs()),
            formatTime(expiresAtMs),
            formatWhen(revokedAtMs, io.nowMs()),
          ]),
        ),
      );
    },
  });
}

function revokeCommand(io: Io): Command {
  return defineCommand<OfflineFlags>(io, {
    name: 'revoke',
    summary: 'Take a token back at once',
    arguments: { ...PERSON, '<token>': 'id of the token, as `person tokens` shows it' },
    options: OFFLINE,
    examples: ['fairlead person revoke ada 4f1c2a9b0d3e5f67'],
    run: async (session, options, name = '', id = '') => {
      const token = await withPeople(session, options, (people) => people.revokeToken(name, id));
      session.show(token, () => `revoked ${token.id} (${token.label}) of ${token.person}`);
    },
  });
}

function disableCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'disable',
    summary: 'Shut a person out for good and end all tokens',
    arguments: PERSON,
    examples: ['fairlead person disable ada'],
    run: async (session, _, name = '') => {
      const person = await session.client.people.disable(name);
      session.show(person, () => `${person.name} is shut out`);
    },
  });
}

function whoamiCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'whoami',
    summary: 'Show who the server takes you for and what you may do',
    examples: ['fairlead person whoami'],
    run: async (session) => {
      const who = await session.client.people.whoami();
      session.show(who, () => [
        `${who.kind} ${who.id}${who.authenticated ? '' : ' (not proved by a token)'}`,
        `roles: ${who.roles.join(', ')}`,
        `may: ${who.actions.join(', ')}`,
      ]);
    },
  });
}
