import { ROLES } from '@fairlead/kernel';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice, parseLength, parseWhole } from '../../parse-values.js';
import { showRelease } from './present-release.js';

interface Options {
  readonly gate?: string;
  readonly place?: string;
  readonly role?: string;
  readonly reason?: string;
  readonly for?: string;
}

export function waiveCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'waive',
    summary: 'Let a release that failed a gate go on until a day, as the person of your token',
    arguments: { '<release>': 'id of the release' },
    options: {
      '--gate <kind>': 'the gate, for example slices',
      '--place <n>': 'its place among the gates, when several are of this kind',
      '--role <role>': 'the role you waive in',
      '--reason <text>': 'why',
      '--for <time>': 'how long, for example 7d',
    },
    examples: [
      'fairlead release waive 0193a1b2c3d4e5f60718293a4b5c6d7e --gate slices --role risk-manager --for 7d --reason "snow is rare here"',
    ],
    run: async (session, { gate, place, role, reason, for: length }, id = '') => {
      if (gate === undefined || role === undefined || reason === undefined || length === undefined) {
        throw cliErrors.CLI_USAGE('A waiver needs --gate, --role, --reason and --for.');
      }
      const release = await session.client.releases.waive(id, {
        gate,
        role: parseChoice(role, '--role', ROLES),
        reason,
        expiresAtMs: io.nowMs() + parseLength(length, '--for'),
        ...(place !== undefined && { place: parseWhole(place, '--place') }),
      });
      showRelease(session, release);
    },
  });
}
