/** Messages of a broker that are answered by an endpoint. */
export interface StreamSpec {
  readonly name: string;
  readonly endpoint: string;
  readonly environment: string;
  /** `nats://host:port` or `kafka://host:port,…`; the operator has to allow it, and knows user and password. */
  readonly broker: string;
  /** The broker's stream or topic that is read. */
  readonly stream: string;
  /** Only messages with this subject, of NATS; null: all. */
  readonly subject: string | null;
  /** Where answers go. */
  readonly output: string;
  /** Where messages go that no answer can be given to. */
  readonly deadLetter: string;
  /** Messages that may be under way at once. */
  readonly maxInFlight: number;
  /** After so long without an answer the broker delivers a message again; of Kafka without effect. */
  readonly ackWaitMs: number;
  /** A message that fails for other reasons than its content is given up after so many deliveries. */
  readonly maxDeliveries: number;
  readonly paused: boolean;
}

/** As it is declared: what is left out has a default, see `streamSpec`. */
export type StreamGiven = Pick<StreamSpec, 'endpoint' | 'broker' | 'stream' | 'output' | 'deadLetter'> & {
  readonly [Field in 'environment' | 'subject' | 'maxInFlight' | 'ackWaitMs' | 'maxDeliveries' | 'paused']?:
    | StreamSpec[Field]
    | undefined;
};

export type StreamState = 'paused' | 'connecting' | 'running' | 'stopped';

/** Counters are those of this process. */
export interface StreamStatus {
  readonly state: StreamState;
  /** Why it is connecting and not running. */
  readonly error: string | null;
  readonly answered: number;
  readonly deadLettered: number;
  readonly duplicates: number;
  readonly retried: number;
  /** Messages of the source that are not acknowledged; null while unknown. */
  readonly lag: number | null;
}

export interface Stream {
  readonly spec: StreamSpec;
  readonly status: StreamStatus;
}
