import type { BrokerAddress } from './broker-address.js';

/** A message as it was delivered. */
export interface BrokerMessage {
  /** The same at every delivery: what the sender called it, or its place in the source. */
  readonly id: string;
  /** 1 the first time. Of Kafka counted since the partition was assigned. */
  readonly deliveries: number;
  /** Null of a tombstone of Kafka. */
  readonly data: Uint8Array | null;
  /** The key of Kafka, by which partitions are chosen; null without one. */
  readonly key: Uint8Array | null;
  /** It will not be delivered again. Lost when the connection is: then it will be. */
  ack(): void;
  /** Deliver it again, not before `delayMs`. */
  retry(delayMs: number): void;
}

export interface OutgoingMessage {
  readonly id: string;
  readonly data: Uint8Array | null;
  /** Null: none. */
  readonly key: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface BrokerConnection {
  /** What has arrived, at most `max`, waiting for the first one. Empty: nothing more will be taken, see `stopTaking`. */
  next(max: number): Promise<BrokerMessage[]>;
  /** No new messages from now on; those that arrived can still be taken, answered and acknowledged. */
  stopTaking(): Promise<void>;
  /**
   * Resolves when the broker has stored the message. NATS stores it once when it is sent again under the same id, for as long as it
   * remembers ids; Kafka stores it again.
   */
  publish(to: string, message: OutgoingMessage): Promise<void>;
  /** Messages in the source that nobody has acknowledged; null when the broker does not say. */
  lag(): Promise<number | null>;
  close(): Promise<void>;
}

export interface BrokerSource {
  /** With user and password where the broker asks for them. */
  readonly address: BrokerAddress;
  /** The stream or topic of messages. */
  readonly stream: string;
  /** Only its messages with this subject, of NATS; absent: all. */
  readonly subject?: string;
  /** Where answers and dead letters go: topics that must be there. */
  readonly targets: readonly string[];
  /** The name under which the broker remembers what was acknowledged: a durable consumer, a consumer group. */
  readonly consumer: string;
  /** Messages that may be delivered and not acknowledged. */
  readonly maxInFlight: number;
  /** After so long without an acknowledgement a message is delivered again, by NATS. */
  readonly ackWaitMs: number;
}

/** @throws BRK_UNREACHABLE, BRK_UNTRUSTED, BRK_UNAUTHORISED, BRK_SECRET_MISSING, BRK_SOURCE_INVALID */
export type OpenBroker = (source: BrokerSource) => Promise<BrokerConnection>;
