import { createReadStream, existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { IngestRequest } from '@fairlead/sdk';
import type { Command } from 'commander';
import { defineCommand, type Session } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice } from '../../parse-values.js';
import { presentDelivery } from './present-delivery.js';

interface Options {
  readonly where?: string;
  readonly mode?: string;
  readonly format?: string;
  readonly upload?: boolean;
}

const FORMATS = { csv: 'csv', jsonl: 'jsonl', ndjson: 'jsonl', parquet: 'parquet' } as const;

export function ingestCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'ingest',
    summary: 'Take a delivery: accepted rows become a version, the others go to quarantine',
    arguments: {
      '<dataset>': 'name of the dataset',
      '[source]': 'file, folder or address (default: the declared one)',
    },
    options: {
      '--where <sql>': 'which rows of the source to take',
      '--mode <mode>': 'append to the latest version, or replace (default)',
      '--format <format>': 'csv, jsonl or parquet',
      '--upload': 'send the file instead of its path, for a server on another machine',
    },
    examples: [
      'fairlead data ingest weather',
      'fairlead data ingest weather new-days.csv --mode append',
      'fairlead data ingest weather new-days.csv --upload --url https://fairlead.example.org',
    ],
    run: async (session, options, dataset = '', source) => {
      const { delivery, version } = await session.busy(`ingesting ${dataset}`, async (progress) => {
        const request = await requestOf(session, options, { dataset, source });
        return session.client.datasets.ingest(dataset, request, {
          onProgress: ({ state, progress: { ratio, message } }) =>
            progress.update(`${dataset}: ${message || state} ${Math.round(ratio * 100)} %`),
        });
      });
      if (delivery.outcome === 'refused') session.fail();
      session.show({ delivery, version }, () => presentDelivery(delivery, version, session.style));
    },
  });
}

async function requestOf(
  session: Session,
  { where, mode, format, upload }: Options,
  { dataset, source }: { dataset: string; source: string | undefined },
): Promise<IngestRequest> {
  const path = source === undefined ? undefined : await pathOf(session, source, { dataset, upload: upload === true });
  // The name of an uploaded file is lost on the way, and with it what its ending said.
  const ending = source?.split('.').at(-1)?.toLowerCase() as keyof typeof FORMATS | undefined;
  const known = format ?? (upload === true && ending !== undefined ? FORMATS[ending] : undefined);
  const place = {
    ...(path !== undefined && { path }),
    ...(where !== undefined && { where }),
    ...(known !== undefined && { format: parseChoice(known, '--format', ['csv', 'jsonl', 'parquet']) }),
  };
  return {
    ...(Object.keys(place).length > 0 && { source: place }),
    ...(mode !== undefined && { mode: parseChoice(mode, '--mode', ['append', 'replace']) }),
  };
}

/** Addresses as they are; a path that exists here as an absolute one, because the server has its own working directory. */
async function pathOf(
  { io, client }: Session,
  source: string,
  { dataset, upload }: { dataset: string; upload: boolean },
): Promise<string> {
  if (/^[a-z][a-z0-9+.-]+:/i.test(source)) return source;
  const path = resolve(io.cwd, source);
  if (!upload) return existsSync(path) ? path : source;
  const body = createReadStream(path);
  const { digest } = await client.datasets.upload(dataset, { body, timeoutMs: uploadTimeoutMs(path) });
  return `object:${digest}`;
}

/** Two minutes, and more for large files: at least 1 MB/s is expected. */
function uploadTimeoutMs(path: string): number {
  return 120_000 + (existsSync(path) ? Math.ceil(statSync(path).size / 1_000) : 0);
}
