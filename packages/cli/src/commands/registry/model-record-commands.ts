import type { ModelRecordView, VersionRecordView } from '@fairlead/contracts';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice, parseMoment, parseVersionRef, parseWhole } from '../../parse-values.js';
import { brief, formatTime, formatWhen } from '../../terminal/format.js';
import { printFacts, printTable } from '../../terminal/print-table.js';

const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;
const PAGE = 1000;

/** Everything of one list, page by page. */
async function allOf<T>(
  read: (pageToken: string | undefined) => Promise<{ items: readonly T[]; nextPageToken: string | null }>,
): Promise<T[]> {
  const items: T[] = [];
  for (let token: string | null | undefined; token !== null; ) {
    const page = await read(token);
    items.push(...page.items);
    token = page.nextPageToken;
  }
  return items;
}

export function recordsCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'records',
    summary: 'List models of every flavour, or the versions of one, also those that cannot be served',
    arguments: { '[model]': 'name of the model' },
    examples: ['fairlead model records', 'fairlead model records rain'],
    run: async (session, _, model) => {
      const { modelRecords } = session.client;
      const page = (token: string | undefined) => ({ limit: PAGE, ...(token !== undefined && { pageToken: token }) });
      if (model === undefined) {
        const items = await allOf((token) => modelRecords.list(page(token)));
        return session.show({ items }, () => modelTable(items, io.nowMs()));
      }
      const items = await allOf((token) => modelRecords.versions(model, page(token)));
      session.show({ items }, () => versionTable(items, io.nowMs()));
    },
  });
}

function modelTable(items: readonly ModelRecordView[], nowMs: number): string {
  return printTable(
    ['model', 'stages', 'aliases', 'made', 'by'],
    items.map(({ name, latest, aliases, createdAtMs, createdBy }) => [
      name,
      latest.map(({ stage, version }) => `${stage} ${version}`).join(', '),
      Object.entries(aliases)
        .map(([alias, version]) => `${alias} → ${version}`)
        .join(', '),
      formatWhen(createdAtMs, nowMs),
      createdBy,
    ]),
  );
}

function versionTable(items: readonly VersionRecordView[], nowMs: number): string {
  return printTable(
    ['version>', 'stage', 'aliases', 'flavours', 'served', 'run', 'made', 'by'],
    items.map((item) => [
      ...[String(item.version), item.stage, item.aliases.join(', '), item.flavours.join(', '), item.servable],
      ...[item.runId ?? '–', formatWhen(item.createdAtMs, nowMs), item.createdBy],
    ]),
  );
}

/** A version that has no package: what is known of it. */
export function presentRecord(found: VersionRecordView, nowMs: number): string[] {
  return [
    printFacts({
      'model version': `${found.model}/${found.version}`,
      served:
        found.servable === 'yes' ? 'yes' : `${found.servable}: ${found.notServable ?? 'its files are being read'}`,
      flavours: found.flavours.join(', '),
      stage: found.stage,
      aliases: found.aliases.join(', '),
      files: found.filesRoot,
      source: found.source === found.filesRoot ? null : found.source,
      'logged model': found.loggedModelId,
      'tracking run': found.runId,
      description: brief(found.description, 200),
      link: found.link,
      made: `${formatWhen(found.createdAtMs, nowMs)} by ${found.createdBy}`,
      tags: Object.entries(found.tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(', '),
    }),
    found.runId === null ? '' : `next: fairlead tracking show ${found.runId}`,
  ];
}

export function deleteCommand(io: Io): Command {
  return defineCommand<{ allVersions?: boolean }>(io, {
    name: 'delete',
    summary: 'Delete a version, or with --all-versions a model; history stays, numbers are never used again',
    arguments: { '<model[/version]>': 'for example rain/3' },
    options: { '--all-versions': 'the whole model: its name is free then' },
    examples: ['fairlead model delete rain/3', 'fairlead model delete rain --all-versions'],
    run: async (session, { allVersions = false }, ref = '') => {
      const { modelRecords } = session.client;
      if (allVersions) {
        await modelRecords.delete(ref);
        return session.show({ deleted: ref }, () => `${ref} deleted with all its versions.`);
      }
      const { model, version } = numberedVersion(ref, 'or add --all-versions to delete the whole model');
      await modelRecords.deleteVersion(model, version);
      session.show({ deleted: `${model}/${version}` }, () => `${model}/${version} deleted.`);
    },
  });
}

export function stageCommand(io: Io): Command {
  return defineCommand<{ archiveExisting?: boolean }>(io, {
    name: 'stage',
    summary: 'Move a version to a stage, as Python clients know them',
    arguments: { '<model/version>': 'for example rain/3', '<stage>': STAGES.join(', ') },
    options: { '--archive-existing': 'those that stand in Staging or Production there go to Archived' },
    examples: ['fairlead model stage rain/3 Production --archive-existing'],
    run: async (session, { archiveExisting = false }, ref = '', stage = '') => {
      const { model, version } = numberedVersion(ref, 'because a stage belongs to one version');
      const to = parseChoice(stage, 'the stage', STAGES);
      const found = await session.client.modelRecords.setStage(model, version, { stage: to, archiveExisting });
      session.show(found, () => `${model}/${version} stands in ${found.stage}.`);
    },
  });
}

export function historyCommand(io: Io): Command {
  return defineCommand<{ name?: string; at?: string }>(io, {
    name: 'history',
    summary: 'Show every move of stages and aliases, or which version stood where at a moment',
    arguments: { '<model>': 'name of the model, also of one that was deleted' },
    options: {
      '--name <name>': 'only this stage or alias',
      '--at <time>': 'what stood there at this moment, for example 2026-03-01T12:00Z; needs --name',
    },
    examples: ['fairlead model history rain', 'fairlead model history rain --name Production --at 2026-03-01T12:00Z'],
    run: async (session, { name, at }, model = '') => {
      const { modelRecords } = session.client;
      if (at !== undefined) {
        if (name === undefined) throw cliErrors.CLI_USAGE('--at needs --name: which stage or alias?');
        const atMs = parseMoment(at, '--at');
        const { items } = await modelRecords.standing(model, { name, atMs });
        return session.show({ items }, () =>
          items.length === 0
            ? `No version of ${model} stood at ${name} at ${formatTime(atMs)} UTC.`
            : items.map((item) => `${model}/${item.version} stood at ${name} at ${formatTime(atMs)} UTC.`),
        );
      }
      const { items } = await modelRecords.history(model);
      const shown = items.filter((entry) => name === undefined || entry.name === name);
      session.show({ items: shown }, () =>
        printTable(
          ['what', 'name', 'version>', 'when', 'by'],
          shown.map((entry) => [
            ...[entry.what, entry.name, String(entry.version ?? 'removed')],
            ...[formatWhen(entry.atMs, io.nowMs()), entry.by],
          ]),
        ),
      );
    },
  });
}

function numberedVersion(ref: string, why: string): { model: string; version: number } {
  const { model, version } = parseVersionRef(ref);
  if (version !== 'latest') return { model, version: parseWhole(version, 'the version') };
  throw cliErrors.CLI_USAGE(`'${ref}' names no version: write ${ref || 'rain'}/3, ${why}.`);
}
