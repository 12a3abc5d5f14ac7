import { type Admin, type Consumer, Kafka, type KafkaConfig, logLevel, Partitioners, type Producer } from 'kafkajs';
import { type BrokerAddress, certificatesOf, secretsOf } from '../broker-address.js';
import { brokerErrors } from '../broker-errors.js';
import { registerCodecs } from './codecs.js';
import { quietRequestQueue } from './quiet-request-queue.js';

const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** A member that says nothing for so long has left its group: what it held is then given to others, or to it after its restart. */
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 2_000;
/** How long the broker holds a request for messages when there are none; stopping waits for one of them. */
const MAX_WAIT_MS = 500;
const MAX_FETCH_BYTES = 4 * 1024 * 1024;

export interface KafkaClients {
  readonly admin: Admin;
  readonly producer: Producer;
  readonly consumer: Consumer;
}

/** Clients of one cluster, not yet connected. @throws BRK_SECRET_MISSING */
export function createKafkaClients(address: BrokerAddress, group: string): KafkaClients {
  registerCodecs();
  quietRequestQueue();
  const kafka = new Kafka({
    clientId: group,
    brokers: [...address.hosts],
    connectionTimeout: CONNECT_TIMEOUT_MS,
    authenticationTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    logLevel: logLevel.NOTHING,
    // Whoever uses a connection opens it anew when it fails, slower each time; here little is tried again.
    retry: { retries: 3, initialRetryTime: 200, maxRetryTime: 1_000, restartOnFailure: async () => false },
    ...securityOf(address),
  });
  return {
    admin: kafka.admin(),
    producer: kafka.producer({ allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner }),
    consumer: kafka.consumer({
      groupId: group,
      allowAutoTopicCreation: false,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: MAX_WAIT_MS,
      maxBytes: MAX_FETCH_BYTES,
    }),
  };
}

function securityOf(address: BrokerAddress): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  const { tls, user = '', options, name } = address;
  const { password, token } = secretsOf(address);
  const ssl = tls ? { ssl: certificatesOf(address) } : {};
  if (token !== undefined) {
    // Read again whenever the client asks: tokens expire sooner than connections end.
    const current = async () => ({ value: secretsOf(address).token ?? token });
    return { ...ssl, sasl: { mechanism: 'oauthbearer', oauthBearerProvider: current } };
  }
  if (password === undefined) return ssl;
  switch (options.mechanism ?? 'plain') {
    case 'plain':
      return { ...ssl, sasl: { mechanism: 'plain', username: user, password } };
    case 'scram-sha-256':
      return { ...ssl, sasl: { mechanism: 'scram-sha-256', username: user, password } };
    case 'scram-sha-512':
      return { ...ssl, sasl: { mechanism: 'scram-sha-512', username: user, password } };
    default:
      throw brokerErrors.BRK_ADDRESS_INVALID(`${name} has a password and a mechanism that takes none.`);
  }
}
