import { resolve } from 'node:path';
import type { AuditEventView } from '@fairlead/contracts';
import type { AuditFilter } from '@fairlead/sdk';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand, defineGroup } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice, parseWhole } from '../../parse-values.js';
import { saveDownload } from '../../save-download.js';
import { brief, formatBytes, formatTime } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';
import { verifyCommand } from './audit-verify-command.js';

/** `fairlead audit …` */
export function auditGroup(io: Io): Command {
  return defineGroup('audit', 'The append-only log of every change', [
    listCommand(io),
    verifyCommand(io),
    exportCommand(io),
  ]);
}

interface FilterOptions {
  readonly type?: string;
  readonly actor?: string;
  readonly subject?: string;
  readonly outcome?: string;
  readonly from?: string;
  readonly until?: string;
}

const FILTERS = {
  '--type <type>': 'only this type of event, for example release.signed',
  '--actor <name>': 'only what this person, service or rule did',
  '--subject <kind/id>': 'only about this, for example model-version/rain/3 or endpoint',
  '--outcome <outcome>': 'ok, denied or error',
  '--from <time>': 'not before, for example 2026-03-01 or 2026-03-01T12:00Z',
  '--until <time>': 'before',
};

function filterOf({ type, actor, subject, outcome, from, until }: FilterOptions): AuditFilter {
  const at = subject?.indexOf('/') ?? -1;
  const [kind, id] = at < 0 ? [subject, undefined] : [subject?.slice(0, at), subject?.slice(at + 1)];
  return {
    ...(type !== undefined && { type }),
    ...(actor !== undefined && { actor }),
    ...(kind !== undefined && { subjectKind: kind }),
    ...(id !== undefined && { subjectId: id }),
    ...(outcome !== undefined && { outcome: parseChoice(outcome, '--outcome', ['ok', 'denied', 'error']) }),
    ...(from !== undefined && { fromMs: parseTime(from, '--from') }),
    ...(until !== undefined && { untilMs: parseTime(until, '--until') }),
  };
}

/** A date is its first moment in UTC, as everywhere in Fairlead. */
function parseTime(text: string, name: string): number {
  const atMs = Date.parse(/T.*[0-9]$/.test(text) && !/[+-][0-9]{2}:?[0-9]{2}$/.test(text) ? `${text}Z` : text);
  if (Number.isFinite(atMs)) return atMs;
  throw cliErrors.CLI_USAGE(`${name} is '${text}': write a date or time such as 2026-03-01T12:00Z.`);
}

function listCommand(io: Io): Command {
  return defineCommand<FilterOptions & { limit?: string }>(io, {
    name: 'list',
    summary: 'List who did what to what, newest first',
    options: { ...FILTERS, '--limit <n>': 'entries to show (default 20)' },
    examples: [
      'fairlead audit list --limit 50',
      'fairlead audit list --type release.signed --from 2026-03-01',
      'fairlead audit list --subject model-version/rain/3 --json',
    ],
    run: async (session, { limit = '20', ...filter }) => {
      const page = await session.client.audit.list({ ...filterOf(filter), limit: parseWhole(limit, '--limit') });
      session.show(page, () => [
        page.items.length === 0 ? 'no entries' : entryTable(page.items),
        page.nextPageToken === null ? '' : 'there are older entries: raise --limit or set --until',
      ]);
    },
  });
}

function entryTable(entries: readonly AuditEventView[]): string {
  return printTable(
    ['entry>', 'when (UTC)', 'who', 'what', 'about', 'outcome', 'facts'],
    entries.map((entry) => [
      String(entry.seq),
      formatTime(entry.atMs),
      entry.actor.id,
      entry.type,
      `${entry.subject.kind} ${brief(entry.subject.id, 40)}`,
      entry.outcome,
      brief(entry.payload, 60),
    ]),
  );
}

function exportCommand(io: Io): Command {
  return defineCommand<FilterOptions & { output?: string }>(io, {
    name: 'export',
    summary: 'Save entries as JSON lines, oldest first',
    options: { ...FILTERS, '-o, --output <path>': 'where to write them (default fairlead-audit.ndjson)' },
    examples: ['fairlead audit export -o audit.ndjson', 'fairlead audit export --from 2026-01-01 --until 2026-04-01'],
    run: async (session, { output = 'fairlead-audit.ndjson', ...filter }) => {
      const saved = await session.busy('exporting the audit log', async () =>
        saveDownload(await session.client.audit.export(filterOf(filter)), resolve(io.cwd, output)),
      );
      session.show(saved, () => [
        `${saved.path}  ${formatBytes(saved.sizeBytes)}  sha256 ${saved.digest}`,
        'next: fairlead audit verify',
      ]);
    },
  });
}
