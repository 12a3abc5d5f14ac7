import { type Html, html } from '../../../../platform/http/index.js';
import { formatRatio, formatTime } from '../format-values.js';
import { factList, missing, pill, section, table } from '../page-parts.js';
import type { ReportFacts } from '../report-facts.js';
import { liveSpans } from '../standing-rules.js';
import { routingChart } from '../svg-routing.js';
import { gateTable } from './release.js';

/** Where it was deployed, which share it had when, and what the guardrails saw. */
export function rolloutSection({ version, deployments, routing, releases }: ReportFacts): Html {
  if (deployments.length === 0) return section('rollout', 'Rollout', missing('This version was never deployed.'));
  const spans = routing.flatMap((history) => liveSpans(history, version.version));
  const rollouts = releases.flatMap(({ endpoint, rollout }) => (rollout === null ? [] : [{ endpoint, rollout }]));
  const tone = { ready: 'good', loading: 'plain', failed: 'bad', retired: 'plain' } as const;
  return section(
    'rollout',
    'Rollout',
    html`${table(
      'Deployments',
      ['Endpoint', 'Environment', 'State', 'Made', 'By', 'Error'],
      deployments.map((d) => [
        d.endpoint,
        d.environment,
        pill(tone[d.state], d.state),
        formatTime(d.createdAtMs),
        d.createdBy,
        d.error ?? 'none',
      ]),
    )}${
      spans.length === 0
        ? missing('It never answered a share of any endpoint’s requests.')
        : table(
            'When it answered',
            ['Endpoint', 'Environment', 'Share', 'From', 'Until'],
            spans.map((span) => [
              span.endpoint,
              span.environment,
              formatRatio(span.weight),
              formatTime(span.fromMs),
              span.untilMs === null ? 'now' : formatTime(span.untilMs),
            ]),
          )
    }${routing.map((history) => routingChart(history, version.version))}${rollouts.map(
      ({ endpoint, rollout }) =>
        html`<h3>Guardrails of the rollout to ${endpoint}</h3>${factList([
          ['Share', formatRatio(rollout.weight)],
          ['Since', formatTime(rollout.sinceMs)],
          ['Note', rollout.note === '' ? 'none' : rollout.note],
        ])}${rollout.guardrails.length === 0 ? missing('No guardrail has been judged.') : gateTable('Guardrails', rollout.guardrails)}`,
    )}`,
  );
}
