import type { CollectionReportView } from '@fairlead/contracts';
import type { Command } from 'commander';
import { defineCommand, defineGroup } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseWhole } from '../../parse-values.js';
import { count, formatBytes } from '../../terminal/format.js';

/** `fairlead storage …` */
export function storageGroup(io: Io): Command {
  const collect = defineCommand<{ apply?: boolean; graceHours?: string }>(io, {
    name: 'collect',
    summary: 'Say which stored bytes nothing refers to any more; with --apply, remove them',
    options: {
      '--apply': 'remove them; without it nothing is changed',
      '--grace-hours <n>': 'what was written or named again more recently stays (default 168, at least 1)',
    },
    examples: ['fairlead storage collect', 'fairlead storage collect --apply --grace-hours 24'],
    run: async (session, { apply = false, graceHours }) => {
      const report = await session.busy('looking through what is stored', () =>
        session.client.storage.collect({
          dryRun: !apply,
          ...(graceHours !== undefined && { graceHours: parseWhole(graceHours, '--grace-hours') }),
        }),
      );
      session.show(report, () => describe(report));
    },
  });
  return defineGroup('storage', 'The stored bytes as a whole', [collect]);
}

function describe({ dryRun, objects, sizeBytes, held, young, removed, removedBytes }: CollectionReportView): string {
  const all = `${count(objects, 'object')} of ${formatBytes(sizeBytes)}: ${held} referred to, ${young} too young to go.`;
  if (removed === 0) return `${all}\nNothing to remove.`;
  const gone = `${count(removed, 'object')} of ${formatBytes(removedBytes)}`;
  return dryRun ? `${all}\n${gone} would go; --apply removes them.` : `${all}\n${gone} removed.`;
}
