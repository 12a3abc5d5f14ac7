import { createInterface } from 'node:readline';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { DataDeps } from './data-deps.js';
import type { QuarantinedRow } from './data-types.js';
import { getDelivery } from './find-data.js';

/** A page of the quarantined rows of a delivery: those of a broken shape first, then the others in source order. */
export async function readQuarantine(
  deps: DataDeps,
  deliveryId: string,
  page: { limit: number; offset: number },
): Promise<QuarantinedRow[]> {
  const { quarantineDigest } = await getDelivery(deps, deliveryId);
  return quarantineDigest === null ? [] : readQuarantineFile(deps.objects, quarantineDigest, page);
}

/** Rows of a quarantine file that are wanted, `offset` of them skipped. */
export async function readQuarantineFile(
  objects: ObjectStore,
  digest: string,
  page: { limit: number; offset: number; wanted?: (row: QuarantinedRow) => boolean },
): Promise<QuarantinedRow[]> {
  const { limit, offset, wanted } = page;
  if (limit <= 0) return [];
  const stream = await objects.readStream(digest);
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  const rows: QuarantinedRow[] = [];
  let at = 0;
  try {
    for await (const line of lines) {
      if (wanted === undefined && at++ < offset) continue;
      const row = JSON.parse(line) as QuarantinedRow;
      if (wanted !== undefined && (!wanted(row) || at++ < offset)) continue;
      rows.push(row);
      if (rows.length >= limit) break;
    }
  } finally {
    lines.close();
    stream.destroy();
  }
  return rows;
}
