import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ModelInspection } from '@fairlead/server';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import { interruptible } from '../../interruptible.js';
import type { Io } from '../../io.js';
import { PREDICT_REMEDIES } from '../../local-remedies.js';
import { parseChoice, parseNames } from '../../parse-values.js';
import { brief, count, formatBytes, formatNumber } from '../../terminal/format.js';
import { GAP, printFacts, printTable } from '../../terminal/print-table.js';
import type { Style } from '../../terminal/style.js';

interface PredictOptions {
  readonly out?: string;
  readonly keep?: string;
  readonly format?: string;
}

/** `fairlead predict MODEL DATA`: no server needed. */
export function predictFileCommand(io: Io): Command {
  return defineCommand<PredictOptions>(io, {
    name: 'predict',
    summary: 'Answer every row of a file with a packaged model, without a server',
    arguments: { '<model>': 'a package (.onnx)', '<data>': 'CSV, JSON lines or Parquet; a file or a folder' },
    options: {
      '--out <file>': 'where the answers go: .csv, .jsonl or .parquet',
      '--keep <columns>': 'write these columns of the data beside the answers, separated by commas',
      '--format <format>': 'of the data: csv, jsonl or parquet (default: by the name)',
    },
    examples: ['fairlead predict rain.onnx new-days.csv --out answers.csv --keep date'],
    remedies: PREDICT_REMEDIES,
    connects: false,
    run: async (session, { out, keep, format }, model = '', data = '') => {
      if (out === undefined) throw cliErrors.CLI_USAGE('Say with --out where the answers go.');
      const result = await session.busy(`reading ${data}`, async (progress) => {
        const { predictFile } = await import('@fairlead/server');
        return interruptible((signal) =>
          predictFile({
            model: existing(model, io.cwd),
            path: existing(data, io.cwd),
            out: resolve(io.cwd, out),
            signal,
            ...(keep !== undefined && { keep: parseNames(keep, '--keep') }),
            ...(format !== undefined && { format: parseChoice(format, '--format', ['csv', 'jsonl', 'parquet']) }),
            progress: (rows) => progress.update(`${count(rows, 'row')} answered`),
          }),
        );
      });
      session.show(result, () => [
        `${count(result.rows, 'row')} answered: ${result.out}`,
        `columns: ${brief(result.columns.join(', '), 200)}`,
        Object.entries(result.counts)
          .map(([decision, rows]) => `${decision}: ${rows}`)
          .join(', '),
        ...result.notes.map((note) => session.style.yellow(`! ${note}`)),
      ]);
    },
  });
}

/** `fairlead inspect MODEL`: no server needed. */
export function inspectCommand(io: Io): Command {
  return defineCommand(io, {
    name: 'inspect',
    summary: 'Show what is in a model file and whether it can be served; exit code 1 when it cannot',
    arguments: { '<model>': 'an ONNX file, also one made elsewhere' },
    examples: ['fairlead inspect rain.onnx', 'fairlead inspect foreign.onnx --json'],
    connects: false,
    run: async (session, _options, model = '') => {
      const path = existing(model, io.cwd);
      const found = await session.busy(`opening ${model}`, async () => {
        const { inspectModel } = await import('@fairlead/server');
        return inspectModel(path);
      });
      if (found.servable.verdict === 'fail') session.fail();
      session.show(found, () => presentInspection(found, session.style));
    },
  });
}

function existing(file: string, cwd: string): string {
  const path = resolve(cwd, file);
  if (existsSync(path)) return path;
  throw cliErrors.CLI_FILE_UNREADABLE(`There is no file ${path}.`, { data: { path } });
}

function presentInspection(found: ModelInspection, style: Style): string[] {
  const { signature, opsets, operators, inputs, outputs, servable, metadata } = found;
  const shape = (dims: readonly number[]) => `[${dims.map((dim) => (dim < 0 ? 'N' : dim)).join(', ')}]`;
  const tensors = [
    ...(inputs ?? []).map((tensor) => ['in', tensor] as const),
    ...(outputs ?? []).map((tensor) => ['out', tensor] as const),
  ];
  return [
    printFacts({
      file: `${found.path}, ${formatBytes(found.sizeBytes)}`,
      sha256: found.digest,
      'made by': found.producer,
      'operator sets': opsets.map(({ domain, version }) => `${domain || 'ai.onnx'} ${version}`).join(', '),
      operators: brief(
        Object.entries(operators)
          .map(([name, n]) => `${name} ×${n}`)
          .join(', '),
        300,
      ),
      constants: `${count(found.constants.count, 'constant')}, ${formatBytes(found.constants.sizeBytes)}`,
      task: signature && `${signature.task}${signature.target === '' ? '' : ` of ${signature.target}`}`,
      labels: signature && brief(signature.labels.join(', '), 200),
    }),
    GAP,
    tensors.length === 0
      ? ''
      : printTable(
          ['', 'tensor', 'type', 'shape', 'column', 'range or categories'],
          tensors.map(([way, { name, datatype, shape: dims }]) => {
            const column = way === 'in' ? signature?.inputs.find((input) => input.name === name) : undefined;
            const range = column?.min === undefined ? '' : `${formatNumber(column.min)} to ${formatNumber(column.max)}`;
            return [
              way,
              name,
              datatype,
              shape(dims),
              column?.type ?? '',
              column?.categories ? brief(column.categories.join(', ')) : range,
            ];
          }),
        ),
    GAP,
    ...Object.entries(metadata)
      .filter(([key]) => key !== 'fairlead.signature')
      .map(([key, value]) => `${key}: ${brief(value, 120)}`),
    servable.verdict === 'pass' ? style.green('can be served as it is') : style.red('cannot be served as it is'),
    ...servable.reasons.map((reason) => `  ${reason}`),
  ];
}
