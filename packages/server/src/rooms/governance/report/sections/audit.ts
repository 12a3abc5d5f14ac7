import { type Html, html } from '../../../../platform/http/index.js';
import { formatNumber, formatTime, shorten } from '../format-values.js';
import { digest, missing, num, pill, section, table } from '../page-parts.js';
import type { ReportFacts } from '../report-facts.js';

/** What the ledger says about the version and all it came from and became. */
export function auditSection({ audit: { events, total } }: ReportFacts): Html {
  if (events.length === 0) return section('audit', 'Audit', missing('The ledger has no entry about this version.'));
  const tone = { ok: 'good', denied: 'warn', error: 'bad' } as const;
  return section(
    'audit',
    'Audit',
    html`<p>${total > events.length ? `The newest ${formatNumber(events.length)} of ${formatNumber(total)} entries` : `All ${formatNumber(total)} entries`} of the append-only ledger about this version, its data, run, releases and deployments. Each entry carries the hash of the one before it; <code>fairlead audit verify</code> checks the whole chain without a server.</p>${table(
      'Entries, newest first',
      [num('Number'), 'When', 'Who', 'What', 'About', 'Outcome', 'Hash'],
      events.map((event) => [
        event.seq,
        formatTime(event.atMs),
        `${event.actor.id} (${event.actor.kind})`,
        event.type,
        `${event.subject.kind} ${shorten(event.subject.id, 20)}`,
        pill(tone[event.outcome], event.outcome),
        digest(event.hash),
      ]),
    )}`,
  );
}
