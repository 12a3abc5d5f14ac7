import type { Idempotency } from '../../platform/idempotency/index.js';
import type { SubscriptionService } from '../../rooms/automation/index.js';
import type { ModelCatalogue, RegistryService } from '../../rooms/registry/index.js';
import type { TrackingService } from '../../rooms/tracking/index.js';

/** The rooms behind this face, and the driver that knows which answers did not arrive. */
export interface MlflowRooms {
  readonly tracking: TrackingService;
  readonly catalogue: ModelCatalogue;
  readonly subscriptions: SubscriptionService;
  readonly registry: Pick<RegistryService, 'setAlias' | 'removeAlias'>;
  readonly idempotency: Pick<Idempotency, 'once'>;
  /** Where clients reach this server when a proxy stands in front. */
  readonly publicUrl?: string;
}
