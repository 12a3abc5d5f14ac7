import type {
  CollectionReportView,
  JobStateView,
  Plan,
  ProjectFile,
  ProjectRequestSchema,
  Wire,
} from '@fairlead/contracts';
import type { Transport, WaitOptions } from './call-types.js';
import { waitUntil } from './wait-until.js';

const ENDED: readonly JobStateView['state'][] = ['succeeded', 'failed', 'cancelled'];

export function jobsClient({ json }: Transport) {
  const get = (id: string, query: { waitMs?: number } = {}) => json<JobStateView>('getJob', { params: { id }, query });
  return {
    get,
    cancel: (id: string) => json<JobStateView>('cancelJob', { params: { id } }),
    /** Until it succeeded, failed or was cancelled: the caller looks at the state. Throws SDK_WAIT_TIMEOUT. */
    wait: (id: string, options: WaitOptions<JobStateView> = {}) =>
      waitUntil({
        ...options,
        what: `job ${id}`,
        look: (waitMs) => get(id, waitMs > 0 ? { waitMs } : {}),
        done: ({ state }) => ENDED.includes(state),
      }),
  };
}

export function projectsClient({ json }: Transport) {
  type Request = Wire<typeof ProjectRequestSchema> & { readonly project: ProjectFile };
  return {
    /** What `apply` would change. `folder` is absolute on the server's machine. */
    plan: (request: Request) => json<Plan>('planProject', { body: request }),
    apply: (request: Request) => json<Plan>('applyProject', { body: request }),
  };
}

export function storageClient({ json }: Transport) {
  return {
    /** Removes stored bytes that nothing refers to; without `dryRun: false` it only says what would go. */
    collect: (options: { dryRun?: boolean; graceHours?: number } = {}) =>
      json<CollectionReportView>('collectStorage', { body: options }),
  };
}

export function systemClient({ json }: Transport) {
  return {
    version: () => json<{ version: string }>('getVersion'),
  };
}
