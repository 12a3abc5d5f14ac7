import type { BatchView, NewBatchSchema, Wire } from '@fairlead/contracts';
import type { List, Transport, WaitOptions } from '../call-types.js';
import { waitUntil } from '../wait-until.js';

export type NewBatch = Wire<typeof NewBatchSchema>;

const ENDED: readonly BatchView['state'][] = ['succeeded', 'failed', 'cancelled'];

/** Files that are answered by a model. Paths are of the server's machine. */
export function batchesClient({ json }: Transport) {
  const get = (id: string) => json<BatchView>('getBatch', { params: { id } });
  return {
    start: (batch: NewBatch) => json<BatchView>('startBatch', { body: batch }),
    list: () => json<List<BatchView>>('listBatches'),
    get,
    /** What was answered stays for the next batch that asks the same. */
    cancel: (id: string) => json<BatchView>('cancelBatch', { params: { id } }),
    /** Until it succeeded, failed or was cancelled: the caller looks at the state. Throws SDK_WAIT_TIMEOUT. */
    wait: (id: string, options: WaitOptions<BatchView> = {}) =>
      waitUntil({ ...options, what: `batch ${id}`, look: () => get(id), done: ({ state }) => ENDED.includes(state) }),
  };
}
