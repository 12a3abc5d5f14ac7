import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BatchResultView, BatchTargetView } from '@fairlead/contracts';
import type { NewBatch } from '@fairlead/sdk';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand, type Session } from '../../define-command.js';
import { interruptible } from '../../interruptible.js';
import type { Io } from '../../io.js';
import { parseChoice, parseNames, parseWhole } from '../../parse-values.js';
import type { Progress } from '../../terminal/create-progress.js';
import { brief, count, formatBytes } from '../../terminal/format.js';

interface Options {
  readonly endpoint?: string;
  readonly environment?: string;
  readonly model?: string;
  readonly keep?: string;
  readonly format?: string;
  readonly maxErrors?: string;
  readonly home?: string;
  readonly detach?: boolean;
}

interface Scored {
  readonly target: BatchTargetView;
  readonly result: Omit<BatchResultView, 'columns'> & { readonly columns: readonly string[] };
}

const WEEK_MS = 7 * 24 * 3_600_000;

/** `fairlead batch IN OUT`: through a server, or with --home in the home itself. */
export function batchCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'batch',
    summary:
      'Answer every row of a file by an endpoint or a model version; goes on where it was when it was interrupted',
    arguments: { '<input>': 'Parquet, CSV or JSON lines', '<output>': 'where the answers go (.parquet)' },
    options: {
      '--endpoint <name>': 'its stable version answers',
      '--environment <name>': 'of the endpoint: production (default), test, …',
      '--model <version>': 'a model version answers: rain@3, rain@champion, or rain for the newest',
      '--keep <columns>': 'write these columns of the input before the answers, separated by commas',
      '--format <format>': 'of the input: parquet, csv or jsonl (default: by the name)',
      '--max-errors <n>': 'end when more rows than this have no answer',
      '--home <folder>': 'work here on this home, without a server',
      '--detach': 'do not wait; prints the batch',
    },
    examples: [
      'fairlead batch --endpoint rain days.parquet answers.parquet --keep id,date',
      'fairlead batch --model rain@champion days.csv answers.parquet --home .fairlead',
    ],
    remedies: { CLI_INTERRUPTED: 'Run the same command again: it goes on where it was.' },
    run: async (session, options, input = '', output = '') => {
      const request = requestOf(options, resolve(io.cwd, input), resolve(io.cwd, output));
      if (options.detach === true && options.home === undefined) {
        const batch = await session.client.batches.start(request);
        session.show(batch, () => [`batch ${batch.id}: ${batch.state}`, ...answeredBy(batch.target)]);
        return;
      }
      const scored = await session.busy(`reading ${input}`, (progress) =>
        options.home === undefined
          ? onServer(session, request, progress)
          : inHome(session, { request, home: options.home, progress }),
      );
      session.show(scored, () => present(scored, session));
    },
  });
}

function requestOf(
  { endpoint, environment, model, keep, format, maxErrors }: Options,
  input: string,
  output: string,
): NewBatch {
  if ((endpoint === undefined) === (model === undefined)) {
    throw cliErrors.CLI_USAGE('Say who answers: --endpoint NAME or --model NAME@VERSION.');
  }
  if (!existsSync(input)) throw cliErrors.CLI_FILE_UNREADABLE(`There is no file ${input}.`, { data: { path: input } });
  return {
    ...{ input, output },
    ...(endpoint !== undefined && { endpoint }),
    ...(environment !== undefined && { environment }),
    ...(model !== undefined && { model }),
    ...(keep !== undefined && { keep: parseNames(keep, '--keep') }),
    ...(format !== undefined && { format: parseChoice(format, '--format', ['parquet', 'csv', 'jsonl']) }),
    ...(maxErrors !== undefined && { maxErrors: parseWhole(maxErrors, '--max-errors', 0) }),
  };
}

/** The batch is the server's: who stops waiting does not stop it. */
async function onServer({ client }: Session, request: NewBatch, progress: Progress): Promise<Scored> {
  const { id } = await client.batches.start(request);
  const batch = await client.batches.wait(id, {
    timeoutMs: WEEK_MS,
    onProgress: (view) => progress.update(view.progress.message || `batch ${id}: ${view.state}`),
  });
  if (batch.state === 'succeeded' && batch.result !== null) return { target: batch.target, result: batch.result };
  const { code = '', message = batch.state, remedy = '' } = batch.error ?? {};
  throw cliErrors.CLI_JOB_FAILED(`${code === '' ? '' : `${code}: `}${message} ${remedy}`.trim(), {
    data: { jobId: id, code },
  });
}

async function inHome(
  { io }: Session,
  { request, home, progress }: { request: NewBatch; home: string; progress: Progress },
): Promise<Scored> {
  const { offlineBatch } = await import('@fairlead/server');
  return interruptible((signal) =>
    offlineBatch({ flags: { home, logLevel: 'warn' }, env: io.env, cwd: io.cwd }, request as never, {
      signal,
      progress: (rows, ofRows) => progress.update(`${count(rows, 'row')} of ${ofRows} answered`),
    }),
  );
}

function answeredBy({ model, version, digest, endpoint }: BatchTargetView): string[] {
  const place = endpoint === null ? '' : `, live on ${endpoint}`;
  return [`answered by ${model}/${version}${place} (sha256 ${digest.slice(0, 12)}…)`];
}

function present({ target, result }: Scored, { style }: Session): string[] {
  const unusual = Object.entries(result.unusualCells).map(([column, cells]) => `${column} ${cells}`);
  return [
    `${count(result.rows, 'row')} answered: ${result.output}, ${formatBytes(result.sizeBytes)}`,
    ...answeredBy(target),
    `columns: ${brief(result.columns.join(', '), 200)}`,
    result.resumedRows > 0 ? `${count(result.resumedRows, 'row')} of them by an earlier run that was interrupted` : '',
    unusual.length > 0 ? style.yellow(`! cells outside what training saw: ${brief(unusual.join(', '), 200)}`) : '',
    result.errorsPath === null
      ? ''
      : style.yellow(`! ${count(result.errorRows, 'row')} without an answer: ${result.errorsPath}`),
  ];
}
