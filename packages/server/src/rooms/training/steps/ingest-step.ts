import { resolve } from 'node:path';
import { type IngestStep, IngestStepSchema } from '@fairlead/contracts';
import type { DataService, IngestRequest } from '../../data/index.js';
import type { StepHandler } from '../../pipelines/index.js';
import { trainingErrors } from '../training-errors.js';
import { paramsChecker } from './check-params.js';

/** The built-in step `ingest`: a delivery becomes a version, or the step fails with what was wrong with it. */
export function createIngestStep(data: Pick<DataService, 'ingest' | 'rejudge' | 'versionById'>): StepHandler {
  return {
    uses: 'ingest',
    version: '1',
    title: 'Take a delivery into a dataset version',
    cacheable: false,
    check: paramsChecker(IngestStepSchema),
    run: async ({ context, params, projectFolder, signal, progress }) => {
      const { delivery, version } = await data.ingest(context, requestOf(params as IngestStep, projectFolder), {
        signal,
        progress,
      });
      if (version === null) {
        const failed = delivery.checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);
        throw trainingErrors.TRN_DELIVERY_REFUSED(
          `${delivery.rejectedRows} of ${delivery.receivedRows} rows were rejected${
            failed.length === 0 ? '' : `; failed checks: ${failed.join(', ')}`
          }.`,
          { data: { deliveryId: delivery.id, reasons: delivery.reasons, failed } },
        );
      }
      const { id, number, rows } = version;
      return {
        outputs: { version: { kind: 'dataset-version', id, digest: id } },
        summary: { dataset: version.dataset, number, rows, outcome: delivery.outcome, rejected: delivery.rejectedRows },
      };
    },
    repeat: async ({ params, signal, progress }, { outputs, summary }) => {
      const version = await data.versionById(outputs.version?.id ?? '');
      // An unchanged delivery may stand anywhere in the version, and only that version says which were appended.
      if (version.parentId !== null && (summary as { outcome?: string } | null)?.outcome !== 'accepted') {
        return { cannot: 'brought nothing new to a version of several deliveries, so its own is not known' };
      }
      const { where } = params as IngestStep;
      const { id: versionId } = version;
      const again = await data.rejudge({ versionId, where: where ?? undefined }, { signal, progress });
      const now = again.versionId;
      return {
        before: outputs,
        after: now === null ? {} : { version: { kind: 'dataset-version', id: now, digest: now } },
        changed: again.changed,
      };
    },
  };
}

function requestOf({ dataset, path, where, mode }: IngestStep, projectFolder: string): IngestRequest {
  // An address or an uploaded object stands by itself; a path is the project's.
  const place = path == null || /^(https?:\/\/|object:)/.test(path) ? path : resolve(projectFolder, path);
  return {
    dataset,
    ...((place != null || where != null) && {
      source: { ...(place != null && { path: place }), ...(where != null && { where }) },
    }),
    ...(mode != null && { mode }),
  };
}
