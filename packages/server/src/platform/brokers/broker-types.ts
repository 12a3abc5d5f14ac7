/** A message as it was delivered. */
export interface BrokerMessage {
  /** The same at every delivery: what the sender called it, or its place in the source. */
  readonly id: string;
  /** 1 the first time. */
  readonly deliveries: number;
  readonly data: Uint8Array;
  /** It will not be delivered again. Lost when the connection is: then it will be. */
  ack(): void;
  /** Deliver it again, not before `delayMs`. */
  retry(delayMs: number): void;
}

export interface OutgoingMessage {
  readonly id: string;
  readonly data: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface BrokerConnection {
  /** What has arrived, at most `max`, waiting for the first one. Empty: nothing more will be taken, see `stopTaking`. */
  next(max: number): Promise<BrokerMessage[]>;
  /** No new messages from now on; those that arrived can still be taken, answered and acknowledged. */
  stopTaking(): Promise<void>;
  /** Resolves when the broker has stored the message. Sent again under the same id it is stored once, for as long as the broker remembers ids. */
  publish(to: string, message: OutgoingMessage): Promise<void>;
  /** Messages in the source that nobody has acknowledged; null when the broker does not say. */
  lag(): Promise<number | null>;
  close(): Promise<void>;
}

export interface BrokerSource {
  /** With user and password where the broker asks for them. */
  readonly address: URL;
  /** The stream of messages. */
  readonly stream: string;
  /** Only its messages with this subject; absent: all. */
  readonly subject?: string;
  /** The name under which the broker remembers what was acknowledged. */
  readonly consumer: string;
  /** Messages that may be delivered and not acknowledged. */
  readonly maxInFlight: number;
  /** After so long without an acknowledgement a message is delivered again. */
  readonly ackWaitMs: number;
}

/** @throws BRK_UNREACHABLE, BRK_SOURCE_INVALID */
export type OpenBroker = (source: BrokerSource) => Promise<BrokerConnection>;
