import type { ColumnProfile, TableProfile } from '@fairlead/num';
import { type Html, type HtmlValue, html } from '../../../../platform/http/index.js';
import type { ColumnSpec, Delivery } from '../../../data/index.js';
import { countOf, formatNumber, formatRatio, formatTime } from '../format-values.js';
import { digest, factList, missing, num, pill, section, table } from '../page-parts.js';
import type { ReportFacts } from '../report-facts.js';

/** What the model learnt from: the contract, what arrived, what was kept out and why, and how the data looks. */
export function dataSection(facts: ReportFacts): Html {
  const { dataset, datasetVersion, split, deliveries, otherDeliveries, profile } = facts;
  if (datasetVersion === null) return section('data', 'Data', missing('The dataset version is no longer stored.'));
  return section(
    'data',
    'Data',
    html`${factList([
      ['Dataset', `${datasetVersion.dataset}, version ${datasetVersion.number}`],
      ['Rows', `${formatNumber(datasetVersion.rows)} in ${countOf(datasetVersion.files.length, 'file')}`],
      [
        'Label',
        datasetVersion.label === null
          ? 'none declared'
          : `${datasetVersion.label.name}: the value of ${datasetVersion.label.of} later`,
      ],
      ['Description', dataset?.spec.description ?? html`<span class="missing">nobody wrote one</span>`],
    ])}${contract(dataset?.spec.source.columns ?? dataset?.inferredColumns ?? null)}${arrivals('Deliveries behind this version', deliveries)}${otherDeliveries.length > 0 && arrivals('Other deliveries of the dataset, not in this version', otherDeliveries)}${quarantine([...deliveries, ...otherDeliveries])}${
      split === null
        ? missing('The split is no longer stored.')
        : table(
            `Split by ${split.spec.by}; ${countOf(split.unusedRows, 'row')} in no part`,
            ['Part', num('Rows'), 'Digest of the row ids'],
            split.parts.map((part) => [part.name, formatNumber(part.rows), digest(part.rowIdDigest)]),
          )
    }${profile === null ? missing('The profile of the training data is not stored.') : profileTable(profile)}`,
  );
}

function contract(columns: Readonly<Record<string, ColumnSpec>> | null): Html {
  if (columns === null) return missing('No contract is stored.');
  return table(
    'Contract',
    ['Column', 'Type', 'Demands', 'Unit', 'Description'],
    Object.entries(columns).map(([name, spec]) => [
      name,
      spec.type,
      demands(spec),
      spec.unit ?? '',
      spec.description ?? '',
    ]),
  );
}

function demands({ required, min, max, values, pattern }: ColumnSpec): string {
  const parts = [
    required === true && 'present',
    min !== undefined && `≥ ${formatNumber(min)}`,
    max !== undefined && `≤ ${formatNumber(max)}`,
    values !== undefined && `one of ${values.join(', ')}`,
    pattern !== undefined && `like ${pattern}`,
  ];
  return parts.filter((part) => part !== false).join('; ') || 'none';
}

function arrivals(caption: string, deliveries: readonly Delivery[]): Html {
  if (deliveries.length === 0) return missing(`${caption}: none are stored.`);
  const tone = { accepted: 'good', unchanged: 'plain', refused: 'bad' } as const;
  return table(
    caption,
    ['Received', 'Source', 'Outcome', num('Rows'), num('Accepted'), num('Quarantined'), 'Failed checks'],
    deliveries.map((delivery) => [
      formatTime(delivery.receivedAtMs),
      delivery.source,
      pill(tone[delivery.outcome], delivery.outcome),
      formatNumber(delivery.receivedRows),
      formatNumber(delivery.acceptedRows),
      formatNumber(delivery.rejectedRows),
      delivery.checks
        .filter((check) => check.verdict === 'fail')
        .map((check) => `${check.name}: ${check.observed}`)
        .join('; ') || 'none',
    ]),
  );
}

function quarantine(deliveries: readonly Delivery[]): Html {
  const rows = deliveries.flatMap((delivery) =>
    Object.entries(delivery.reasons)
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .map(([reason, count]): HtmlValue[] => [delivery.source, reason, formatNumber(count)]),
  );
  if (rows.length === 0) return html`<p>No row of any delivery is in quarantine.</p>`;
  return table('Quarantine: why rows were kept out', ['Delivery', 'Reason', num('Rows')], rows);
}

function profileTable({ rowCount, columns }: TableProfile): Html {
  return table(
    `Profile of the ${formatNumber(rowCount)} training rows`,
    ['Column', num('Missing'), num('Least'), num('Mean'), num('Standard deviation'), num('Greatest'), 'Most frequent'],
    columns.map((column) => [column.name, formatRatio(share(column.missing, column.count)), ...highlights(column)]),
  );
}

const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);

function highlights(column: ColumnProfile): HtmlValue[] {
  if (column.kind === 'numeric') {
    const finite = column.counts.reduce((sum, count) => sum + count, 0);
    const deviation = finite === 0 ? Number.NaN : Math.sqrt(column.m2 / finite);
    return [formatNumber(column.min), formatNumber(column.mean), formatNumber(deviation), formatNumber(column.max), ''];
  }
  const most = [...column.categories].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, 3);
  const shown = most.map(([value, count]) => `${value} ${formatRatio(share(count, column.count))}`).join(', ');
  return ['', '', '', '', shown];
}
