import { type Html, html, renderHtml, trustedHtml } from '../../../platform/http/index.js';
import { formatTime } from './format-values.js';
import { PAGE_STYLE } from './page-style.js';
import type { ReportFacts } from './report-facts.js';
import { auditSection } from './sections/audit.js';
import { cardSection } from './sections/card.js';
import { dataSection } from './sections/data.js';
import { evaluationSection } from './sections/evaluation.js';
import { lineageSection } from './sections/lineage.js';
import { monitoringSection } from './sections/monitoring.js';
import { gatesSection, signaturesSection } from './sections/release.js';
import { rolloutSection } from './sections/rollout.js';
import { summarySection } from './sections/summary.js';
import { trainingSection } from './sections/training.js';

const PARTS: readonly (readonly [string, string, (facts: ReportFacts) => Html])[] = [
  ['summary', 'Summary', summarySection],
  ['lineage', 'Lineage', lineageSection],
  ['data', 'Data', dataSection],
  ['training', 'Training', trainingSection],
  ['evaluation', 'Evaluation', evaluationSection],
  ['gates', 'Gates', gatesSection],
  ['signatures', 'Signatures', signaturesSection],
  ['rollout', 'Rollout', rolloutSection],
  ['monitoring', 'Monitoring', monitoringSection],
  ['audit', 'Audit', auditSection],
  ['card', 'Model card', cardSection],
];

/** Scripts, frames, forms and anything from elsewhere stay shut even when the file is opened from a disk. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/**
 * The report of a model version as one HTML file without scripts and without anything to load. Pure: equal facts give
 * equal bytes, so there is no time of printing in it; it says which ledger entry it is as of instead.
 */
export function renderReport(facts: ReportFacts): string {
  const { model, version } = facts.version;
  const [newest] = facts.audit.events;
  const asOf =
    newest === undefined
      ? 'No entry of the audit log speaks of this version.'
      : html`As of entry ${newest.seq} of the audit log, ${formatTime(newest.atMs)}, hash <code class="full">${newest.hash}</code>.`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trustedHtml(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${model} version ${version} – model report</title>
<style>${trustedHtml(PAGE_STYLE)}</style>
</head>
<body>
<header><p class="brand">Fairlead · model report</p><h1>${model} <span>version ${version}</span></h1><p class="lead">${asOf}</p></header>
<nav aria-label="Sections"><ul>${PARTS.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
<main>
${PARTS.map(([, , render]) => html`${render(facts)}\n`)}</main>
<footer>Every statement above comes from a stored record; what is not stored is said to be missing. Times are UTC. ${asOf}</footer>
</body>
</html>
`;
  return renderHtml(page);
}
