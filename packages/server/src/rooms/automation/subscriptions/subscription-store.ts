import type { Reader, Tx } from '../../../platform/db/index.js';
import type { Subscription, Topic } from './subscription-types.js';

export interface StoredSubscription extends Subscription {
  /** As the server's box sealed it. */
  readonly sealedSecret: string | null;
}

export interface SubscriptionStore {
  put(tx: Tx & Reader, subscription: StoredSubscription): Promise<void>;
  /** False when there was none. */
  remove(tx: Tx & Reader, id: string): Promise<boolean>;
  get(reader: Reader, id: string): Promise<StoredSubscription | undefined>;
  /** Newest first; `afterId` is the last of the page before. */
  list(reader: Reader, page: { limit: number; afterId?: string }): Promise<StoredSubscription[]>;
  /** Active ones that want to be told of the topic. */
  listening(reader: Reader, topic: Topic): Promise<StoredSubscription[]>;
}
