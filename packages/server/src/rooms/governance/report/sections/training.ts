import { type Html, type HtmlValue, html } from '../../../../platform/http/index.js';
import type { Run } from '../../../tracking/index.js';
import { formatNumber, formatTime } from '../format-values.js';
import { factList, missing, num, pill, section, table } from '../page-parts.js';
import type { ReportFacts } from '../report-facts.js';

type Parity = ReportFacts['version']['parity'];

/** How the model was found: candidates, parameters, and what it takes to repeat it. */
export function trainingSection({ version, run, trials }: ReportFacts): Html {
  const { trainer, params } = version.source;
  const shown = Object.entries(params);
  return section(
    'training',
    'Training',
    html`${factList([
      ['Trainer', trainer ?? missing('It was trained elsewhere.')],
      [
        'Parameters',
        shown.length === 0 ? 'its defaults' : shown.map(([name, value]) => `${name} = ${value}`).join(', '),
      ],
      ['ONNX parity', parityOf(version.parity)],
    ])}<h3>Candidates</h3>${leaderBoard(trials)}<h3>Environment</h3>${environment(run)}`,
  );
}

function parityOf(parity: Parity): Html {
  if (parity === null) return missing('What the ONNX file was converted from is not here.');
  return html`${pill(parity.verdict === 'pass' ? 'good' : 'bad', parity.verdict)} largest difference ${formatNumber(parity.maxAbsDifference)} over ${formatNumber(parity.rows)} rows, labels ${parity.labelsEqual ? 'equal' : 'differ'}`;
}

/** The mean over the folds, of whatever metric chose the model. */
function leaderBoard(trials: readonly Run[]): Html {
  if (trials.length === 0) return missing('No candidates are recorded for this run.');
  const metric = trials.flatMap((trial) => Object.keys(trial.metrics)).find((key) => key.startsWith('mean_'));
  if (metric === undefined) return missing('The candidates were recorded without a score.');
  const greaterIsBetter = /auc|accuracy|skill/.test(metric);
  const score = (trial: Run) => trial.metrics[metric] ?? Number.NaN;
  const worst = greaterIsBetter ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const rank = (trial: Run) => (Number.isFinite(score(trial)) ? score(trial) : worst);
  const sorted = [...trials].sort(
    (a, b) => (greaterIsBetter ? rank(b) - rank(a) : rank(a) - rank(b)) || (a.id < b.id ? -1 : 1),
  );
  return table(
    `Leader board by ${metric.slice(5)}, mean over the folds; the best first`,
    [num('Place'), 'Candidate', 'Parameters', num(metric.slice(5)), 'Status'],
    sorted.map((trial, index): HtmlValue[] => [
      index + 1,
      trial.params.trainer ?? trial.name,
      Object.entries(trial.params)
        .filter(([name]) => name !== 'trainer')
        .map(([name, value]) => `${name} = ${value}`)
        .join(', ') || 'defaults',
      formatNumber(score(trial)),
      trial.status,
    ]),
  );
}

function environment(run: Run | null): Html {
  if (run === null) return missing('The tracking run is not stored.');
  const { environment: found } = run;
  if (found === null) return missing('The environment of the run was not recorded.');
  const { git, runtime, lockfile, seeds, fairleadVersion, command } = found;
  const absent = html`<span class="missing">could not be read</span>`;
  return factList([
    ['Run', `${run.name}, ${formatTime(run.startedAtMs)} until ${formatTime(run.endedAtMs)}, by ${run.createdBy}`],
    [
      'Git commit',
      git === null
        ? absent
        : html`<code class="full">${git.commit}</code>${git.branch !== null && html` on ${git.branch}`}`,
    ],
    [
      'Uncommitted changes',
      git === null
        ? absent
        : git.dirty
          ? html`${pill('warn', 'yes')} ${git.diffDigest === null ? 'not kept' : html`kept as <code class="full">${git.diffDigest}</code>`}`
          : 'none',
    ],
    ['Lock file', lockfile === null ? absent : html`${lockfile.name} <code class="full">${lockfile.digest}</code>`],
    [
      'Seeds',
      Object.entries(seeds)
        .map(([name, seed]) => `${name} = ${seed}`)
        .join(', ') || 'none recorded',
    ],
    [
      'Runtime',
      `Node ${runtime.node}, ${runtime.os}, ${runtime.cpu}, ${runtime.cores} cores, Fairlead ${fairleadVersion}`,
    ],
    ['Command', command === null ? 'none' : html`<code class="full">${command.join(' ')}</code>`],
  ]);
}
