import { messageOf } from '@fairlead/kernel';
import {
  AckPolicy,
  type ConsumerMessages,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import {
  type Authenticator,
  AuthorizationError,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  errors,
  headers,
  type NatsConnection,
  type Subscription,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node';
import { type BrokerAddress, certificatesOf, fileOf, secretsOf } from './broker-address.js';
import { brokerErrors } from './broker-errors.js';
import type { BrokerConnection, BrokerMessage, BrokerSource, OpenBroker } from './broker-types.js';

const NS_PER_MS = 1_000_000;
const PUBLISH_TIMEOUT_MS = 5_000;
const ID_HEADER = 'Nats-Msg-Id';

/** NATS JetStream through a durable pull consumer. A connection that breaks is made again by itself, for ever. */
export const openNatsBroker: OpenBroker = async (source) => {
  const { address } = source;
  const nats = await connect({
    servers: [...address.hosts],
    ...securityOf(address),
    name: `fairlead ${source.consumer}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    timeout: 5_000,
  }).catch((cause) => {
    throw natsFault(cause, `${address.name} cannot be reached`);
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
      // What the broker has sent and we have not read yet would only come again after `ackWaitMs`: `close` alone drops it.
      await (messages as unknown as { sub?: Subscription }).sub?.drain().catch(() => undefined);
      await messages.close();
    },
    publish: async (to, { id, data, headers: given }) => {
      const sent = headers();
      sent.set(ID_HEADER, id);
      for (const [name, value] of Object.entries(given)) sent.set(name, value);
      await client.publish(to, data ?? '', { headers: sent, timeout: PUBLISH_TIMEOUT_MS }).catch((cause) => {
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
      const message = `Stream ${stream} of ${address.name} cannot be read: ${messageOf(cause)}.`;
      if (isRefusal(cause)) throw brokerErrors.BRK_UNAUTHORISED(message, { cause });
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
    key: null,
    ack: () => message.ack(),
    retry: (delayMs) => message.nak(delayMs),
  };
}

/** Files and secrets are read at every connection, those that the client makes again by itself among them. */
function securityOf(address: BrokerAddress): Pick<ConnectionOptions, 'authenticator' | 'tls'> {
  const { tls, options } = address;
  // Read once now, so that what is missing is said by name.
  certificatesOf(address);
  const { ca, cert, key } = options;
  const files = { ...(ca && { caFile: ca }), ...(cert && { certFile: cert }), ...(key && { keyFile: key }) };
  const authenticator = authenticatorOf(address);
  return { ...(tls && { tls: files }), ...(authenticator && { authenticator }) };
}

/** A user without a password is a token, as everywhere with NATS. */
function authenticatorOf(address: BrokerAddress): Authenticator | undefined {
  const { user, options, name } = address;
  const credentials = options['credentials-file'];
  if (credentials !== undefined) return credsAuthenticator(fileOf(credentials, 'credentials-file', name));
  const { password, token } = secretsOf(address);
  if (token !== undefined) return tokenAuthenticator(() => secretsOf(address).token ?? token);
  if (user === undefined) return undefined;
  if (password === undefined) return tokenAuthenticator(user);
  return usernamePasswordAuthenticator(user, () => secretsOf(address).password ?? password);
}

function natsFault(cause: unknown, doing: string) {
  const bottom = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  const text = `${doing}: ${messageOf(bottom)}`.replace(/\.?$/, '.');
  if (isRefusal(cause)) return brokerErrors.BRK_UNAUTHORISED(text, { cause });
  const untrusted = /self[- ]signed|certificate|altnames|ssl routines|\btls\b/i.test(messageOf(bottom));
  return untrusted ? brokerErrors.BRK_UNTRUSTED(text, { cause }) : brokerErrors.BRK_UNREACHABLE(text, { cause });
}

function isRefusal(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof AuthorizationError || at instanceof errors.PermissionViolationError) return true;
    // Some errors of the client have only the text of it.
    if (/permissions violation/i.test(at.message)) return true;
  }
  return false;
}
