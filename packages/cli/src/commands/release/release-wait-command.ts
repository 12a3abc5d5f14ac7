import { RELEASE_STATES, type ReleaseView } from '@fairlead/contracts';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseLength } from '../../parse-values.js';
import { presentRelease, shownIn } from './present-release.js';

interface Options {
  readonly for?: string;
  readonly timeout?: string;
}

export function waitCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'wait',
    summary: 'Wait until a release is in a state, or in one that it does not leave by itself',
    arguments: { '<release>': 'id of the release' },
    options: {
      '--for <states>': 'states, comma between them (default: awaiting-approval,approved,released)',
      '--timeout <time>': 'give up after this long, for example 90s or 2h (default 1h)',
    },
    examples: ['fairlead release wait 0193a1b2c3d4e5f60718293a4b5c6d7e --for released --timeout 2h'],
    run: async (session, { for: wanted = 'awaiting-approval,approved,released', timeout = '1h' }, id = '') => {
      const states = statesOf(wanted);
      const release = await session.busy(`release ${id}`, (progress) =>
        session.client.releases.wait(id, states, {
          timeoutMs: parseLength(timeout, '--timeout'),
          onProgress: (seen) => progress.update(describe(seen)),
        }),
      );
      if (!states.includes(release.state)) session.fail();
      session.show(release, () => presentRelease(release, shownIn(session)));
    },
  });
}

/** An approved release stands still until a person starts its rollout: whoever waits for more must be told. */
function describe({ state, waitingFor, id }: ReleaseView): string {
  if (state === 'approved') return `approved: waiting for somebody to start it: fairlead release rollout ${id}`;
  return waitingFor === null ? state : `${state}: waiting for ${waitingFor}`;
}

function statesOf(text: string): ReleaseView['state'][] {
  return text.split(',').map((part) => {
    const state = RELEASE_STATES.find((known) => known === part.trim());
    if (state === undefined) {
      throw cliErrors.CLI_USAGE(`'${part.trim()}' is no state of a release; there are ${RELEASE_STATES.join(', ')}.`);
    }
    return state;
  });
}
