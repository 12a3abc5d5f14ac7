import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PredictionsOptions } from '@fairlead/server';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { EVALUATE_REMEDIES } from '../../local-remedies.js';
import { parseChoice, parseWhole } from '../../parse-values.js';
import { presentEvaluation } from './present-evaluation.js';

const TASKS = ['classification', 'regression', 'clustering', 'ranking', 'text', 'policy', 'human-machine'] as const;

interface EvaluateOptions {
  readonly truth?: string;
  readonly prediction?: string;
  readonly score?: string;
  readonly task?: string;
  readonly positive?: string;
  readonly weight?: string;
  readonly baseline?: string;
  readonly compare?: string;
  readonly group?: string;
  readonly time?: string;
  readonly by?: string;
  readonly slices?: string;
  readonly features?: string;
  readonly k?: string;
  readonly discount?: string;
  readonly format?: string;
}

/** `fairlead evaluate PREDICTIONS`: no server needed. */
export function evaluateCommand(io: Io): Command {
  return defineCommand<EvaluateOptions>(io, {
    name: 'evaluate',
    summary: 'Judge a file of predictions against the truth and naive baselines, without a server',
    arguments: { '<predictions>': 'CSV, JSON lines or Parquet; a file or a folder' },
    options: {
      '--truth <column>': 'what was true (label, value, relevance, reference text, human decision, best reward)',
      '--prediction <column>': 'what the model said; for policy the reward earned',
      '--score <columns>': 'P(positive label), one probability per label (p_a,p_b,p_c), or the score to rank by',
      '--task <task>': `${TASKS.join(', ')}; inferred, and said so, when absent`,
      '--positive <label>': 'the label that precision, recall and AUC are about; default: the second in order',
      '--weight <column>': 'weight of each row',
      '--baseline <column>': 'answers of a rule that the model must beat, besides the naive ones',
      '--compare <column>': 'answers of a second model, compared row by row',
      '--group <column>': 'query (ranking) or episode (policy) of each row',
      '--time <column>': 'order of rows; intervals then keep related neighbours together',
      '--by <column>': 'metrics for each value of a column',
      '--slices <columns>': 'columns searched for the rows where the model is worst',
      '--features <columns>': 'features, for the silhouette and its kin of clusters',
      '--k <n>': 'places of a ranked list that count; default: all',
      '--discount <factor>': 'worth of a reward one step later, 0..1; default 1',
      '--format <format>': 'csv, jsonl or parquet',
    },
    examples: [
      'fairlead evaluate predictions.csv --truth rain --prediction forecast --score p_rain',
      'fairlead evaluate p.parquet --truth delay --prediction expected --time date --by origin',
      'fairlead evaluate p.csv --truth weather --score p_dry,p_rain,p_snow --slices harbour,season --json',
    ],
    remedies: EVALUATE_REMEDIES,
    connects: false,
    run: async (session, options, file = '') => {
      const path = resolve(io.cwd, file);
      if (!existsSync(path)) throw cliErrors.CLI_FILE_UNREADABLE(`There is no file ${path}.`, { data: { path } });
      const question = questionOf(options);
      const report = await session.busy(`judging ${file}`, async (progress) => {
        const { evaluatePredictions } = await import('@fairlead/server');
        return evaluatePredictions(path, question, { progress: (_, message) => progress.update(message) });
      });
      session.show(report, () => presentEvaluation(report, session.style));
    },
  });
}

function questionOf(options: EvaluateOptions): PredictionsOptions {
  const { truth, prediction, score, task, k, discount, slices, features, format } = options;
  if (truth === undefined && prediction === undefined) {
    throw cliErrors.CLI_USAGE('Name the columns with --truth and --prediction or --score.');
  }
  const { positive, weight, baseline, compare, group, time, by } = options;
  const factor = discount === undefined ? undefined : Number(discount);
  if (factor !== undefined && !(factor >= 0 && factor <= 1)) {
    throw cliErrors.CLI_USAGE(`--discount is '${discount}': write a number from 0 to 1.`);
  }
  return {
    ...{ truth, prediction, positive, weight, baseline, compare, group, time, by },
    task: task === undefined ? undefined : parseChoice(task, '--task', TASKS),
    score: listOf(score),
    slices: listOf(slices),
    features: listOf(features),
    k: k === undefined ? undefined : parseWhole(k, '--k'),
    discount: factor,
    format: format === undefined ? undefined : parseChoice(format, '--format', ['csv', 'jsonl', 'parquet']),
  };
}

function listOf(text: string | undefined): string[] | undefined {
  const names = text
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names?.length === 0 ? undefined : names;
}
