import type { ModelVersionView } from '@fairlead/contracts';
import type { Command } from 'commander';
import { defineCommand, defineGroup } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseVersionRef, parseWhole } from '../../parse-values.js';
import { formatBytes, formatWhen, shortDigest } from '../../terminal/format.js';
import { GAP, printFacts, printTable } from '../../terminal/print-table.js';
import { reportCommand } from '../governance/model-report-command.js';
import { cardCommand } from './model-card-command.js';
import { downloadCommand } from './model-download-command.js';
import { deleteCommand, historyCommand, presentRecord, recordsCommand, stageCommand } from './model-record-commands.js';
import { registerCommand } from './model-register-command.js';

const MODEL = { '<model>': 'name of the model' };
const VERSION = { '<model/version>': 'for example rain/3, rain/champion or rain (its latest version)' };

/** `fairlead model …` */
export function modelGroup(io: Io): Command {
  return defineGroup('model', 'Models, their versions, cards, aliases and files', [
    listCommand(io),
    showCommand(io),
    versionsCommand(io),
    recordsCommand(io),
    cardCommand(io),
    aliasCommand(io),
    stageCommand(io),
    historyCommand(io),
    registerCommand(io),
    deleteCommand(io),
    downloadCommand(io),
    reportCommand(io),
  ]);
}

function listCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'list',
    summary: 'List the models',
    examples: ['fairlead model list'],
    run: async (session) => {
      const { items } = await session.client.models.list();
      session.show({ items }, () =>
        printTable(
          ['model', 'latest>', 'aliases', 'made', 'by'],
          items.map(({ name, latestVersion, aliases, createdAtMs, createdBy }) => [
            name,
            String(latestVersion ?? ''),
            Object.entries(aliases)
              .map(([alias, version]) => `${alias} → ${version}`)
              .join(', '),
            formatWhen(createdAtMs, io.nowMs()),
            createdBy,
          ]),
        ),
      );
    },
  });
}

function showCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'show',
    summary: 'Show a model version: digest, signature, where it comes from',
    arguments: VERSION,
    examples: ['fairlead model show rain/3', 'fairlead model show rain --json'],
    run: async (session, _, ref = '') => {
      const { model, version } = parseVersionRef(ref);
      const record = await session.client.modelRecords.version(model, version);
      // Of a packaged version the package tells more; one that cannot be served has none.
      const { packaged } = record;
      session.show(packaged ?? record, () =>
        packaged === null ? presentRecord(record, io.nowMs()) : presentVersion(packaged, io.nowMs()),
      );
    },
  });
}

function presentVersion(found: ModelVersionView, nowMs: number): string[] {
  const { source, parity, signature, form } = found;
  return [
    printFacts({
      'model version': `${found.model}/${found.version}`,
      form: form === 'folder' ? 'folder: served by a program or another server' : null,
      digest: shortDigest(found.digest),
      trainer: source.trainer === null ? null : `${source.trainer} ${JSON.stringify(source.params)}`,
      target: `${signature.target} (${signature.labels.join(', ')})`,
      parity: parity && `${parity.verdict}: ${parity.rows} rows, largest difference ${parity.maxAbsDifference}`,
      'dataset version': source.datasetVersionId && shortDigest(source.datasetVersionId),
      split: source.splitId && `${shortDigest(source.splitId)}, trained on ${source.trainPart}`,
      'pipeline run': source.pipelineRunId,
      'tracking run': source.trackingRunId,
      made: `${formatWhen(found.createdAtMs, nowMs)} by ${found.createdBy}`,
      tags: Object.entries(found.tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(', '),
    }),
    GAP,
    printTable(
      ['input', 'type', 'seen in training'],
      signature.inputs.map(({ name, type, min, max, categories, nullable }) => [
        name,
        nullable ? `${type}, may be missing` : type,
        categories?.join(', ') ?? (min === undefined ? '' : `${min} … ${max ?? ''}`),
      ]),
    ),
    GAP,
    printTable(
      ['file', 'size>', 'digest'],
      found.files.map(({ path, sizeBytes, digest }) => [path, formatBytes(sizeBytes), shortDigest(digest)]),
    ),
    `next: fairlead model card ${found.model}/${found.version}`,
  ];
}

function versionsCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'versions',
    summary: 'List the versions of a model that can be served, newest first',
    arguments: MODEL,
    examples: ['fairlead model versions rain'],
    run: async (session, _, model = '') => {
      const { items } = await session.client.models.versions(model);
      session.show({ items }, () =>
        printTable(
          ['version>', 'digest', 'trainer', 'parity', 'made', 'by'],
          items.map(({ version, digest, source, parity, createdAtMs, createdBy }) => [
            String(version),
            shortDigest(digest),
            source.trainer ?? '–',
            parity?.verdict ?? '–',
            formatWhen(createdAtMs, io.nowMs()),
            createdBy,
          ]),
        ),
      );
    },
  });
}

function aliasCommand(io: Io): Command {
  return defineCommand<{ remove?: boolean }>(io, {
    name: 'alias',
    summary: 'Point an alias at a version, remove it, or show where aliases pointed',
    arguments: { ...MODEL, '[alias]': 'for example champion', '[version]': 'number of the version' },
    options: { '--remove': 'remove the alias' },
    examples: [
      'fairlead model alias rain champion 3',
      'fairlead model alias rain champion --remove',
      'fairlead model alias rain',
    ],
    run: async (session, { remove }, model = '', alias, version) => {
      const { models } = session.client;
      if (alias !== undefined && (remove === true || version !== undefined)) {
        const found =
          remove === true
            ? await models.removeAlias(model, alias)
            : await models.setAlias(model, alias, parseWhole(version ?? '', 'the version'));
        return session.show(found, () => `${model}/${alias} → ${found.aliases[alias] ?? 'nothing'}`);
      }
      const { items } = await models.aliasHistory(model);
      session.show({ items }, () =>
        printTable(
          ['alias', 'version>', 'when', 'by'],
          items
            .filter((entry) => alias === undefined || entry.alias === alias)
            .map((entry) => [
              entry.alias,
              String(entry.version ?? 'removed'),
              formatWhen(entry.atMs, io.nowMs()),
              entry.by,
            ]),
        ),
      );
    },
  });
}
