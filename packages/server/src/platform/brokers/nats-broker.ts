import { messageOf } from '@fairlead/kernel';
import {
  AckPolicy,
  type ConsumerMessages,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { brokerErrors } from './broker-errors.js';
import type { BrokerConnection, BrokerMessage, BrokerSource, OpenBroker } from './broker-types.js';

const NS_PER_MS = 1_000_000;
const PUBLISH_TIMEOUT_MS = 5_000;
const ID_HEADER = 'Nats-Msg-Id';

/** NATS JetStream through a durable pull consumer. A connection that breaks is made again by itself, for ever. */
export const openNatsBroker: OpenBroker = async (source) => {
  const { address } = source;
  const nats = await connect({
    servers: address.host,
    ...(address.username !== '' && { user: decodeURIComponent(address.username) }),
    ...(address.password !== '' && { pass: decodeURIComponent(address.password) }),
    name: `fairlead ${source.consumer}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    timeout: 5_000,
  }).catch((cause) => {
    throw brokerErrors.BRK_UNREACHABLE(`${address.host} cannot be reached: ${messageOf(cause)}.`, { cause });
  });
  try {
    return await consume(nats, source);
  } catch (error) {
    await nats.close();
    throw error;
  }
};

async function consume(nats: NatsConnection, source: BrokerSource): Promise<BrokerConnection> {
  const { stream, consumer, subject, maxInFlight, ackWaitMs } = source;
  const manager = await managerOf(nats, source);
  const client = jetstream(nats);
  const messages = await (await client.consumers.get(stream, consumer)).consume({ max_messages: maxInFlight });
  const arrived = new Arrivals(messages, stream);
  return {
    next: (max) => arrived.take(max),
    stopTaking: async () => {
      await messages.close();
    },
    publish: async (to, { id, data, headers: given }) => {
      const sent = headers();
      sent.set(ID_HEADER, id);
      for (const [name, value] of Object.entries(given)) sent.set(name, value);
      await client.publish(to, data, { headers: sent, timeout: PUBLISH_TIMEOUT_MS }).catch((cause) => {
        throw brokerErrors.BRK_NOT_STORED(`${to} has not taken a message: ${messageOf(cause)}.`, { cause });
      });
    },
    lag: async () => {
      const info = await manager.consumers.info(stream, consumer);
      return info.num_pending + info.num_ack_pending;
    },
    close: async () => {
      await messages.close();
      // Acknowledgements are on their way until this resolves.
      await nats.drain().catch(() => nats.close());
    },
  };

  async function managerOf(connection: NatsConnection, { address }: BrokerSource): Promise<JetStreamManager> {
    try {
      const found = await jetstreamManager(connection);
      await found.consumers.add(stream, {
        durable_name: consumer,
        ack_policy: AckPolicy.Explicit,
        ack_wait: ackWaitMs * NS_PER_MS,
        max_ack_pending: maxInFlight,
        ...(subject !== undefined && { filter_subject: subject }),
      });
      return found;
    } catch (cause) {
      const message = `Stream ${stream} of ${address.host} cannot be read: ${messageOf(cause)}.`;
      throw brokerErrors.BRK_SOURCE_INVALID(message, { cause });
    }
  }
}

/** Messages between their arrival and the one who takes them. How many there can be is the broker's `max_ack_pending`. */
class Arrivals {
  readonly #messages: BrokerMessage[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #failure: unknown = null;

  constructor(source: ConsumerMessages, stream: string) {
    void this.#gather(source, stream);
  }

  async take(max: number): Promise<BrokerMessage[]> {
    while (this.#messages.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#messages.length === 0 && this.#failure !== null) throw this.#failure;
    return this.#messages.splice(0, max);
  }

  async #gather(source: ConsumerMessages, stream: string): Promise<void> {
    try {
      for await (const message of source) {
        this.#messages.push(deliveredOf(message, stream));
        this.#wake?.();
      }
    } catch (cause) {
      this.#failure = brokerErrors.BRK_UNREACHABLE(`Nothing more comes from ${stream}: ${messageOf(cause)}.`, {
        cause,
      });
    }
    this.#ended = true;
    this.#wake?.();
  }
}

function deliveredOf(message: JsMsg, stream: string): BrokerMessage {
  const named = message.headers?.get(ID_HEADER) ?? '';
  return {
    id: named === '' ? `${stream}:${message.seq}` : named,
    deliveries: message.info.deliveryCount,
    data: message.data,
    ack: () => message.ack(),
    retry: (delayMs) => message.nak(delayMs),
  };
}
