import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf } from '@fairlead/kernel';
import type { FitFileOptions } from '@fairlead/server';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import { interruptible } from '../../interruptible.js';
import type { Io } from '../../io.js';
import { FIT_REMEDIES } from '../../local-remedies.js';
import { parseChoice, parseJson, parseLength, parseNames, parseWhole, readText } from '../../parse-values.js';
import { presentFit } from './present-fit.js';

interface FitOptions {
  readonly target?: string;
  readonly task?: string;
  readonly model?: string;
  readonly params?: string;
  readonly metric?: string;
  readonly alpha?: string;
  readonly timeColumn?: string;
  readonly testFrom?: string;
  readonly testRatio?: string;
  readonly folds?: string;
  readonly nested?: string;
  readonly features?: string;
  readonly exclude?: string;
  readonly preprocess?: string;
  readonly seed?: string;
  readonly threads?: string;
  readonly search?: string;
  readonly trials?: string;
  readonly budget?: string;
  readonly format?: string;
  readonly out: string;
}

const TASKS = ['classification', 'regression', 'clustering', 'anomaly'] as const;

/** `fairlead fit DATA`: no server needed. */
export function fitCommand(io: Io): Command {
  return defineCommand<FitOptions>(io, {
    name: 'fit',
    summary: 'Train, test and package a model from a file, without a server',
    arguments: { '<data>': 'CSV, JSON lines or Parquet; a file or a folder' },
    options: {
      '--target <column>': 'what to predict',
      '--task <task>': `${TASKS.join(', ')} (default: what the target suggests)`,
      '--model <trainer>': 'a trainer, or auto to compare several (default: auto)',
      '--params <json>': 'parameters of the trainer, also in scikit-learn’s spelling; a list of values is a grid',
      '--metric <metric>': 'what candidates are compared by (default: brier, rmse or inertia)',
      '--alpha <quantile>': 'the quantile that --metric pinball judges, and that a quantile loss learns (default: 0.5)',
      '--time-column <column>': 'rows follow this time: tests and folds are on later rows',
      '--test-from <date>': 'rows from this time on are for the test',
      '--test-ratio <ratio>': 'share of rows for the test (default: 0.2); 0 for none',
      '--folds <n>': 'folds to compare candidates on (default: 3 in time, else 5)',
      '--nested <n>': 'also do the whole selection on each of n outer folds and judge it on rows that it never saw',
      '--features <columns>': 'read these columns only, separated by commas',
      '--exclude <columns>': 'leave these columns out, separated by commas',
      '--preprocess <file>': 'how columns become features, as JSON or YAML; docs/guide/preprocessing.md',
      '--search <sampler>': 'search the trainer’s parameters: grid, random, sobol, tpe or nsga-ii; needs --model',
      '--trials <n>': 'how many trials a search makes (default: 50)',
      '--seed <n>': 'of everything random (default: 0)',
      '--threads <n>': 'how many threads may compute (default: the cores)',
      '--budget <time>': 'time for comparing, for example 60s or 5m (default: 60s for auto)',
      '--format <format>': 'csv, jsonl or parquet (default: by the name)',
      '--out <file>': 'where the package goes (default: model.onnx)',
    },
    examples: [
      'fairlead fit weather.csv --target rain --time-column date --out rain.onnx',
      'fairlead fit flights.parquet --target delayed --model random-forest --params \'{"n_estimators": 300}\'',
    ],
    remedies: FIT_REMEDIES,
    connects: false,
    run: async (session, options, data = '') => {
      const path = resolve(io.cwd, data);
      if (!existsSync(path)) throw cliErrors.CLI_FILE_UNREADABLE(`There is no file ${path}.`, { data: { path } });
      const preprocess =
        options.preprocess === undefined ? undefined : await readPreprocess(options.preprocess, io.cwd);
      const result = await session.busy(`reading ${data}`, async (progress) => {
        const { fitModelFile } = await import('@fairlead/server');
        return interruptible((signal) =>
          fitModelFile({
            ...readOptions(options, io.cwd),
            ...(preprocess && { preprocess }),
            path,
            signal,
            progress: (ratio, message) => progress.update(`${Math.round(ratio * 100)} % ${message}`),
          }),
        );
      });
      session.show(result, () => presentFit(result, session.style));
    },
  });
}

function readOptions(options: FitOptions, cwd: string): Omit<FitFileOptions, 'path'> {
  const { target, model, metric, timeColumn, testFrom, testRatio, folds, features, exclude, seed, threads } = options;
  return {
    out: resolve(cwd, options.out ?? 'model.onnx'),
    ...(target !== undefined && { target }),
    ...(model !== undefined && { model }),
    ...(options.task !== undefined && { task: parseChoice(options.task, '--task', TASKS) }),
    ...(options.params !== undefined && { params: parseObject(options.params) }),
    ...(metric !== undefined && { metric: metric as NonNullable<FitFileOptions['metric']> }),
    ...(options.alpha !== undefined && { alpha: parseQuantile(options.alpha, metric) }),
    ...(timeColumn !== undefined && { timeColumn }),
    ...(testFrom !== undefined && { testFrom: parseTime(testFrom) }),
    ...(testRatio !== undefined && { testRatio: parseRatio(testRatio) }),
    ...(folds !== undefined && { folds: parseWhole(folds, '--folds', 2) }),
    ...(options.nested !== undefined && { nested: parseWhole(options.nested, '--nested', 2) }),
    ...(features !== undefined && { features: parseNames(features, '--features') }),
    ...(exclude !== undefined && { exclude: parseNames(exclude, '--exclude') }),
    ...(seed !== undefined && { seed: parseWhole(seed, '--seed', 0) }),
    ...(threads !== undefined && { threads: parseWhole(threads, '--threads') }),
    ...(options.search !== undefined && { search: parseSearch(options) }),
    ...(options.budget !== undefined && { budgetMs: parseLength(options.budget, '--budget') }),
    ...(options.format !== undefined && {
      format: parseChoice(options.format, '--format', ['csv', 'jsonl', 'parquet']),
    }),
  };
}

/** What is wrong with it is said where the columns are known. */
async function readPreprocess(file: string, cwd: string): Promise<NonNullable<FitFileOptions['preprocess']>> {
  const text = await readText(file, cwd);
  try {
    return parse(text);
  } catch (cause) {
    throw cliErrors.CLI_USAGE(`${file} is neither JSON nor YAML: ${messageOf(cause)}`, { cause });
  }
}

function parseObject(text: string): NonNullable<FitFileOptions['params']> {
  const value = parseJson(text, '--params');
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as NonNullable<FitFileOptions['params']>;
  }
  throw cliErrors.CLI_USAGE('--params must be a JSON object such as {"n_estimators": 300}.');
}

function parseSearch({ search = '', trials = '50', model }: FitOptions): NonNullable<FitFileOptions['search']> {
  if (model === undefined || model === 'auto') throw cliErrors.CLI_USAGE('--search needs --model: whose parameters?');
  return {
    sampler: parseChoice(search, '--search', ['grid', 'random', 'sobol', 'tpe', 'nsga-ii']),
    trials: parseWhole(trials, '--trials'),
  };
}

function parseTime(text: string): string {
  if (Number.isFinite(Date.parse(text))) return text;
  throw cliErrors.CLI_USAGE(`--test-from is '${text}': write a date such as 2015-07-01.`);
}

function parseRatio(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value < 1) return value;
  throw cliErrors.CLI_USAGE(`--test-ratio is '${text}': write a number from 0 up to but not 1.`);
}

function parseQuantile(text: string, metric: string | undefined): number {
  if (metric !== 'pinball')
    throw cliErrors.CLI_USAGE('--alpha needs --metric pinball: it is the quantile of that metric.');
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw cliErrors.CLI_USAGE(`--alpha is '${text}': write a quantile above 0 and below 1.`);
}
