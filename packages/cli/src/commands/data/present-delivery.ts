import type { DatasetVersionView, DeliveryView } from '@fairlead/contracts';
import { count, shortDigest } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';
import type { Style } from '../../terminal/style.js';

/** What became of a delivery, for people: outcome, rows, failed checks, reasons, next step. */
export function presentDelivery(
  delivery: DeliveryView,
  version: DatasetVersionView | null,
  style: Style,
): readonly string[] {
  const { outcome, dataset } = delivery;
  const paint = outcome === 'refused' ? style.red : style.green;
  const failed = delivery.checks.filter(({ verdict }) => verdict === 'fail');
  const reasons = Object.entries(delivery.reasons);
  return [
    `${paint(outcome)}: ${count(delivery.receivedRows, 'row')} received, ${delivery.acceptedRows} accepted, ${delivery.rejectedRows} rejected`,
    version === null
      ? ''
      : `version ${version.number} of ${dataset} (${shortDigest(version.id)}), ${count(version.rows, 'row')}`,
    delivery.ignoredColumns.length === 0 ? '' : `columns not in the contract: ${delivery.ignoredColumns.join(', ')}`,
    ...failed.map((check) => `${style.red('✗')} ${check.name}: ${check.observed}, expected ${check.expected}`),
    reasons.length === 0
      ? ''
      : printTable(
          ['reason', 'rows>'],
          reasons.map(([code, rows]) => [code, String(rows)]),
        ),
    delivery.rejectedRows === 0
      ? `next: fairlead data profile ${dataset}`
      : `next: fairlead data quarantine ${delivery.id}`,
  ];
}
