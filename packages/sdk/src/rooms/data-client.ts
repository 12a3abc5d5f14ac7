import type {
  DatasetSpecSchema,
  DatasetVersionView,
  DatasetView,
  DeliveryJobView,
  DeliveryView,
  IngestSchema,
  QuarantinedRowSchema,
  RowsSchema,
  SplitSpecSchema,
  SplitView,
  TableProfileView,
  UploadSchema,
  Wire,
} from '@fairlead/contracts';
import type { ByteSource, CallOptions, List, Page, Transport, WaitOptions } from '../call-types.js';
import { FairleadApiError } from '../fairlead-api-error.js';
import { jobsClient } from '../main-client.js';

export type QuarantinedRowView = Wire<typeof QuarantinedRowSchema>;
export type IngestRequest = Wire<typeof IngestSchema>;
type JobProgress = Pick<DeliveryJobView, 'state' | 'progress'>;

export interface IngestResult {
  readonly delivery: DeliveryView;
  /** Null when the delivery was refused. */
  readonly version: DatasetVersionView | null;
}

/** `version` is a version id, a number or `latest`. */
export function datasetsClient(transport: Transport) {
  const { json } = transport;
  return {
    list: () => json<Page<DatasetView>>('listDatasets'),
    get: (name: string) => json<DatasetView>('getDataset', { params: { name } }),
    declare: (name: string, spec: Wire<typeof DatasetSpecSchema>) =>
      json<DatasetView>('declareDataset', { params: { name }, body: spec }),
    /** Takes a delivery and waits until it is accepted or refused. Throws what made the work fail. */
    ingest: (name: string, request: IngestRequest = {}, options: WaitOptions<JobProgress> = {}) =>
      ingest(transport, { name, request, options }),
    /** Begins to take a delivery; `jobs.wait` and `delivery` show what became of it. */
    startIngest: (name: string, request: IngestRequest = {}, query: { waitMs?: number } = {}) =>
      json<DeliveryJobView>('ingestDelivery', { params: { name }, body: request, query }),
    /** Stores a file as it is; ingest it with the path `object:<digest>`. */
    upload: (
      name: string,
      { body, contentType, ...options }: { body: ByteSource; contentType?: string } & CallOptions,
    ) =>
      json<Wire<typeof UploadSchema>>('uploadDataFile', {
        ...options,
        params: { name },
        bytes: body,
        headers: { 'content-type': contentType ?? 'application/octet-stream' },
      }),
    /** Newest first. */
    deliveries: (name: string) => json<Page<DeliveryView>>('listDeliveries', { params: { name } }),
    delivery: (id: string) => json<DeliveryView>('getDelivery', { params: { id } }),
    quarantine: (deliveryId: string, query: { limit?: number; pageToken?: string } = {}) =>
      json<Page<QuarantinedRowView>>('listQuarantine', { params: { id: deliveryId }, query }),
    /** Newest first. */
    versions: (name: string) => json<Page<DatasetVersionView>>('listDatasetVersions', { params: { name } }),
    version: (name: string, version: string | number = 'latest') =>
      json<DatasetVersionView>('getDatasetVersion', { params: { name, version } }),
    rows: (name: string, version: string | number, query: { limit?: number; where?: string } = {}) =>
      json<Wire<typeof RowsSchema>>('previewDatasetRows', { params: { name, version }, query }),
    profile: (name: string, version: string | number = 'latest') =>
      json<TableProfileView>('getDatasetProfile', { params: { name, version } }),
    split: (name: string, version: string | number, spec: Wire<typeof SplitSpecSchema>) =>
      json<SplitView>('createSplit', { params: { name, version }, body: spec }),
    splits: (name: string, version: string | number = 'latest') =>
      json<List<SplitView>>('listSplits', { params: { name, version } }),
    splitById: (id: string) => json<SplitView>('getSplit', { params: { id } }),
    splitProfile: (id: string, part: string) => json<TableProfileView>('getSplitProfile', { params: { id, part } }),
  };
}

interface Ingest {
  readonly name: string;
  readonly request: IngestRequest;
  readonly options: WaitOptions<JobProgress>;
}

async function ingest(transport: Transport, { name, request, options }: Ingest): Promise<IngestResult> {
  const { json } = transport;
  const query = options.onProgress === undefined ? { waitMs: 20_000 } : {};
  const started = await json<DeliveryJobView>('ingestDelivery', { params: { name }, body: request, query });
  if (started.delivery !== null) return { delivery: started.delivery, version: started.version };
  const job = started.error === null ? await jobsClient(transport).wait(started.jobId, options) : started;
  if (job.state !== 'succeeded') throw jobError(job);
  const delivery = await json<DeliveryView>('getDelivery', { params: { id: started.deliveryId } });
  if (delivery.versionId === null) return { delivery, version: null };
  const params = { name, version: delivery.versionId };
  return { delivery, version: await json<DatasetVersionView>('getDatasetVersion', { params }) };
}

/** The error a job ended with, as if the request itself had been refused. */
function jobError(
  job: Pick<DeliveryJobView, 'state'> & {
    error?: DeliveryJobView['error'] | undefined | { code: string; message: string; remedy?: string };
  },
) {
  return new FairleadApiError({
    code: job.error?.code ?? 'JOB_CANCELLED',
    message: job.error?.message ?? 'The delivery was cancelled before it ended.',
    remedy: job.error?.remedy ?? 'Send the delivery again.',
    data: {},
    status: 409,
    id: '',
    requestId: null,
  });
}
