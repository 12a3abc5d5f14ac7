import type { Command } from 'commander';
import { defineCommand, defineGroup } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseJson, parseWhole } from '../../parse-values.js';
import { brief, count, formatBytes, formatWhen, shortDigest } from '../../terminal/format.js';
import { GAP, printFacts, printTable } from '../../terminal/print-table.js';
import { ingestCommand } from './data-ingest-command.js';
import { presentProfile } from './present-profile.js';

const DATASET = { '<dataset>': 'name of the dataset' };
const DATASET_VERSION = { ...DATASET, '[version]': 'id, number or latest (default)' };

/** `fairlead data …` */
export function dataGroup(io: Io): Command {
  return defineGroup('data', 'Datasets, deliveries, quarantine, versions, splits', [
    listCommand(io),
    showCommand(io),
    ingestCommand(io),
    deliveriesCommand(io),
    quarantineCommand(io),
    versionsCommand(io),
    profileCommand(io),
    splitCommand(io),
  ]);
}

function listCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'list',
    summary: 'List the datasets',
    examples: ['fairlead data list'],
    run: async (session) => {
      const { items } = await session.client.datasets.list();
      session.show({ items }, () =>
        items.length === 0
          ? 'no dataset is declared\nnext: fairlead apply'
          : printTable(
              ['dataset', 'source', 'latest version', 'changed'],
              items.map(({ name, spec, latestVersionId, updatedAtMs }) => [
                name,
                brief(spec.source.path),
                shortDigest(latestVersionId),
                formatWhen(updatedAtMs, io.nowMs()),
              ]),
            ),
      );
    },
  });
}

function showCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'show',
    summary: 'Show a dataset: its contract, its columns and its newest versions',
    arguments: DATASET,
    examples: ['fairlead data show weather'],
    run: async (session, _, name = '') => {
      const dataset = await session.client.datasets.get(name);
      const { items: versions } = await session.client.datasets.versions(name);
      session.show({ dataset, versions }, () => {
        const { spec } = dataset;
        const columns = Object.entries(spec.source.columns ?? dataset.inferredColumns ?? {});
        return [
          printFacts({
            dataset: name,
            description: spec.description,
            source: spec.source.path,
            contract: shortDigest(dataset.contractDigest),
            time: spec.time,
            entity: spec.entity?.join(', '),
            label: spec.label && `${spec.label.name}: ${spec.label.of}, ${spec.label.horizonMs} ms later`,
            checks: spec.checks?.map((check) => check.name).join(', '),
            versions: count(versions.length, 'version'),
          }),
          GAP,
          printTable(
            ['column', 'type', 'rules'],
            columns.map(([column, { type, ...rules }]) => [column, type, brief(rulesOf(rules), 80)]),
          ),
          versions.length === 0 ? `next: fairlead data ingest ${name}` : `next: fairlead data profile ${name}`,
        ];
      });
    },
  });
}

function rulesOf(rules: object): string {
  return Object.entries(rules)
    .map(([rule, value]) => (value === true ? rule : `${rule} ${Array.isArray(value) ? value.join('|') : value}`))
    .join(', ');
}

function deliveriesCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'deliveries',
    summary: 'List what arrived for a dataset, accepted or refused',
    arguments: DATASET,
    examples: ['fairlead data deliveries weather'],
    run: async (session, _, name = '') => {
      const { items } = await session.client.datasets.deliveries(name);
      session.show({ items }, () =>
        printTable(
          ['delivery', 'outcome', 'received>', 'accepted>', 'rejected>', 'reasons', 'when'],
          items.map((delivery) => [
            delivery.id,
            delivery.outcome,
            String(delivery.receivedRows),
            String(delivery.acceptedRows),
            String(delivery.rejectedRows),
            brief(reasonsOf(delivery.reasons)),
            formatWhen(delivery.receivedAtMs, io.nowMs()),
          ]),
        ),
      );
    },
  });
}

function reasonsOf(reasons: Readonly<Record<string, number>>): string {
  return Object.entries(reasons)
    .map(([code, rows]) => `${rows} ${code}`)
    .join(', ');
}

function quarantineCommand(io: Io): Command {
  return defineCommand<{ limit?: string }>(io, {
    name: 'quarantine',
    summary: 'Show the rows of a delivery that broke the contract, with every reason',
    arguments: { '<delivery>': 'id of the delivery' },
    options: { '--limit <n>': 'rows to show (default 20)' },
    examples: ['fairlead data quarantine 0193a1b2c3d4e5f60718293a4b5c6d7e --limit 100'],
    run: async (session, { limit = '20' }, id = '') => {
      const page = await session.client.datasets.quarantine(id, { limit: parseWhole(limit, '--limit') });
      session.show(page, () => [
        printTable(
          ['file', 'line>', 'reasons', 'row'],
          page.items.map(({ file, line, reasons, raw }) => [
            file,
            String(line),
            brief(reasons.map(({ message }) => message).join('; '), 80),
            brief(raw, 80),
          ]),
        ),
        page.nextPageToken === null ? '' : 'there are more: raise --limit',
      ]);
    },
  });
}

function versionsCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'versions',
    summary: 'List the versions of a dataset, newest first',
    arguments: DATASET,
    examples: ['fairlead data versions weather'],
    run: async (session, _, name = '') => {
      const { items } = await session.client.datasets.versions(name);
      session.show({ items }, () =>
        printTable(
          ['number>', 'version', 'rows>', 'size>', 'contract', 'made'],
          items.map(({ number, id, rows, files, contractDigest, createdAtMs }) => [
            String(number),
            shortDigest(id),
            String(rows),
            formatBytes(files.reduce((sum, file) => sum + file.sizeBytes, 0)),
            shortDigest(contractDigest),
            formatWhen(createdAtMs, io.nowMs()),
          ]),
        ),
      );
    },
  });
}

function profileCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'profile',
    summary: 'Show the distribution of each column of a version',
    arguments: DATASET_VERSION,
    examples: ['fairlead data profile weather', 'fairlead data profile weather 3 --json'],
    run: async (session, _, name = '', version = 'latest') => {
      const profile = await session.busy('computing the profile', () => session.client.datasets.profile(name, version));
      const { columns } = await session.client.datasets.version(name, version);
      session.show(profile, () => presentProfile(profile, columns));
    },
  });
}

function splitCommand(io: Io): Command {
  return defineCommand<{ spec?: string }>(io, {
    name: 'split',
    summary: 'Part a version for training and testing, or list its splits',
    arguments: DATASET_VERSION,
    options: { '--spec <json>': 'how to part it; without it the splits there are get listed' },
    examples: [
      'fairlead data split weather',
      `fairlead data split weather latest --spec '{"by":"time","parts":{"train":{"until":"2015-01-01"},"test":{"from":"2015-01-01"}}}'`,
    ],
    run: async (session, { spec }, name = '', version = 'latest') => {
      const { datasets } = session.client;
      const made = spec === undefined ? [] : [parseJson(spec, '--spec') as Parameters<typeof datasets.split>[2]];
      const [first] = made;
      const items =
        first === undefined
          ? (await datasets.splits(name, version)).items
          : [await session.busy('splitting', () => datasets.split(name, version, first))];
      session.show(first === undefined ? { items } : items[0], () =>
        printTable(
          ['split', 'by', 'part', 'rows>', 'row ids'],
          items.flatMap((split) =>
            split.parts.map((part) => [
              split.id,
              split.spec.by,
              part.name,
              String(part.rows),
              shortDigest(part.rowIdDigest),
            ]),
          ),
        ),
      );
    },
  });
}
