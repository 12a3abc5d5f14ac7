import { type Html, html } from '../../../../platform/http/index.js';
import { skillOf } from '../../../evaluation/index.js';
import { countOf, formatInterval, formatNumber, formatRatio, formatTime } from '../format-values.js';
import { factList, pill } from '../page-parts.js';
import type { ReportFacts } from '../report-facts.js';
import { liveSpans, standingOf } from '../standing-rules.js';

/** What the version is, how it stands, who signed, and the four numbers people ask for first. */
export function summarySection(facts: ReportFacts): Html {
  const { version, releases, routing, model } = facts;
  const spans = routing.flatMap((history) => liveSpans(history, version.version));
  const standing = standingOf(spans, releases);
  const live = spans.filter((span) => span.untilMs === null);
  const aliases = Object.entries(model?.aliases ?? {}).filter(([, number]) => number === version.version);
  const { signature, source } = version;
  return html`<section id="summary" aria-labelledby="summary-h" class="hero"><h2 id="summary-h">Summary</h2><p class="standing">${pill(standing.tone, standing.headline)}</p>${factList(
    [
      [
        'What it does',
        `${signature.task} of “${signature.target}” (${signature.labels.join(', ')}) from ${countOf(signature.inputs.length, 'column')}`,
      ],
      ['How it was made', `${source.trainer}, registered ${formatTime(version.createdAtMs)} by ${version.createdBy}`],
      ['Identity', html`<code class="full">sha256:${version.digest}</code>`],
      [
        'Serves now',
        live.length === 0
          ? 'nowhere'
          : live.map(
              (span, i) =>
                html`${i > 0 && html`<br>`}${span.endpoint} in ${span.environment}: ${formatRatio(span.weight)} of the requests since ${formatTime(span.fromMs)}`,
            ),
      ],
      ['Signed by', signers(facts)],
      ['Aliases', aliases.length === 0 ? 'none' : aliases.map(([alias]) => alias).join(', ')],
    ],
  )}<div class="tiles">${tiles(facts)}</div></section>`;
}

function signers({ releases }: ReportFacts): string {
  const people = releases.flatMap(({ signatures }) =>
    signatures.map(({ person, role, meaning }) => `${person} as ${role} (${meaning})`),
  );
  return people.length === 0 ? 'nobody' : people.join(', ');
}

function tiles({ evaluation, releases, performance, version }: ReportFacts): Html[] {
  const strongest = evaluation === null ? undefined : skillOf(evaluation);
  const gates = releases.find((release) => release.gates.length > 0)?.gates ?? [];
  const passed = gates.filter(({ verdict }) => verdict === 'pass').length;
  const last = performance
    .flatMap(({ windows }) => windows)
    .filter((window) => window.version === version.version && window.accuracy !== null)
    .at(-1);
  return [
    tile(
      'Skill over the baseline',
      strongest === undefined ? '–' : formatNumber(strongest.skill.estimate, 3),
      strongest === undefined
        ? 'no evaluation is stored'
        : `${strongest.name} over ${strongest.baseline}; ${formatRatio(strongest.skill.confidence)} interval ${formatNumber(strongest.skill.lower, 3)} to ${formatNumber(strongest.skill.upper, 3)}`,
    ),
    tile(
      evaluation?.task === 'regression' ? 'RMSE in the test' : 'Accuracy in the test',
      evaluation === null
        ? '–'
        : evaluation.task === 'regression'
          ? formatNumber(evaluation.scores.rmse)
          : formatRatio(evaluation.scores.accuracy),
      evaluation === null
        ? 'no evaluation is stored'
        : `on ${formatNumber(evaluation.rows)} rows of “${evaluation.part}”`,
    ),
    tile(
      'Gates passed',
      gates.length === 0 ? '–' : `${passed} of ${gates.length}`,
      gates.length === 0 ? 'no gate was decided' : passed === gates.length ? 'all of them' : 'see the verdicts below',
    ),
    tile(
      'Accuracy in use',
      last?.accuracy ? formatRatio(last.accuracy.estimate) : '–',
      last?.accuracy ? `newest window: ${formatInterval(last.accuracy)}` : 'no truth has come in for its answers',
    ),
  ];
}

const tile = (name: string, value: string, note: string): Html =>
  html`<div class="tile"><span class="tile-name">${name}</span><span class="tile-value">${value}</span><span class="tile-note">${note}</span></div>`;
