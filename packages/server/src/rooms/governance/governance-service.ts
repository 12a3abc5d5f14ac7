import { createHash } from 'node:crypto';
import type { Db } from '../../platform/db/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { TrackingService } from '../tracking/index.js';
import { type AuditService, createAuditService } from './audit-service.js';
import type { AuditStore } from './audit-store.js';
import { REPORTED_IN, reportStored } from './governance-events.js';
import type { GovernanceService } from './governance-types.js';
import { gatherFacts } from './report/gather-facts.js';
import { renderReport } from './report/render-report.js';
import type { ReportDeps } from './report/report-deps.js';

export interface GovernanceDeps extends Omit<ReportDeps, 'audit' | 'objects' | 'tracking'> {
  readonly db: Db;
  readonly store: AuditStore;
  readonly objects: Pick<ObjectStore, 'readBytes' | 'putBytes'>;
  readonly tracking: ReportDeps['tracking'] & Pick<TrackingService, 'link'>;
}

export function createGovernanceService(deps: GovernanceDeps): GovernanceService {
  const audit = createAuditService({ db: deps.db.longReads, store: deps.store });
  return {
    ...audit,
    report: async (model, version) => {
      const { html } = await makeReport(deps, audit, { model, version });
      return { html, digest: createHash('sha256').update(html).digest('hex') };
    },
    storeReport: async (context, model, ref) => {
      const { html, version } = await makeReport(deps, audit, { model, version: ref });
      const { digest, sizeBytes } = await deps.objects.putBytes(Buffer.from(html));
      const stored = { model: version.model, version: version.version, digest, sizeBytes };
      return deps.db.transact(context, async (tx) => {
        const subject = { kind: 'report', id: digest };
        const { total } = await deps.store.about(tx, [subject], 1);
        if (total > 0) return { ...stored, created: false };
        const from = { kind: 'model-version', id: `${stored.model}/${stored.version}` };
        await deps.tracking.link(tx, [{ from, to: subject, relation: REPORTED_IN }]);
        tx.record(reportStored.of(subject, stored, { after: stored }));
        return { ...stored, created: true };
      });
    },
  };
}

async function makeReport(
  deps: GovernanceDeps,
  audit: AuditService,
  { model, version: ref }: { model: string; version: number | string },
) {
  const version = await deps.registry.version(model, ref);
  return { version, html: renderReport(await gatherFacts({ ...deps, audit }, version)) };
}
