import type { ChangeContext } from '../../../platform/db/index.js';
import type { Page } from '../../../platform/search/index.js';

/** What somebody can be told about models, by our words. */
export const TOPICS = [
  'model.created',
  'version.created',
  'version-tag.set',
  'version-tag.removed',
  'alias.set',
  'alias.removed',
] as const;
export type Topic = (typeof TOPICS)[number];

/** One thing that happened to a model, as a receiver is told. `facts` has texts, and tags as a record. */
export interface Notice {
  readonly topic: Topic;
  readonly facts: NoticeFacts;
  readonly atMs: number;
}

export interface NoticeFacts {
  readonly model: string;
  readonly version?: number;
  readonly source?: string;
  readonly runId?: string | null;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly value?: string;
  readonly alias?: string;
}

/** Somebody's wish to be told; the secret is never shown again. */
export interface Subscription {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly topics: readonly Topic[];
  readonly active: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A notice in the form that a receiver expects. */
export interface WrittenNotice {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How notices are written and signed: the form belongs to whoever made the subscription, not to this room. */
export type WriteNotice = (
  notice: Notice,
  delivery: { readonly id: string; readonly nowMs: number; readonly secret: string | null },
) => WrittenNotice;

export interface SubscriptionRequest {
  readonly name: string;
  readonly url: string;
  readonly topics: readonly Topic[];
  readonly description?: string;
  readonly secret?: string;
  readonly active?: boolean;
}

export interface TestResult {
  readonly success: boolean;
  readonly status: number | null;
  readonly text: string;
  /** Why there was no answer; null when there was one. */
  readonly problem: string | null;
}

export interface SubscriptionService {
  /** @throws AUTO_SUBSCRIPTION_INVALID, AUTO_WEBHOOK_FORBIDDEN */
  subscribe(context: ChangeContext, request: SubscriptionRequest): Promise<Subscription>;
  /** Newest first. */
  subscriptions(page: { limit: number; pageToken?: string }): Promise<Page<Subscription>>;
  /** @throws AUTO_SUBSCRIPTION_NOT_FOUND */
  subscription(id: string): Promise<Subscription>;
  changeSubscription(context: ChangeContext, id: string, change: Partial<SubscriptionRequest>): Promise<Subscription>;
  unsubscribe(context: ChangeContext, id: string): Promise<void>;
  /** Sends an example of the topic, by default the first, now and once. */
  testSubscription(id: string, topic?: Topic): Promise<TestResult>;
}
