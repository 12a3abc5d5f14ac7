import type { BrokerKind } from './broker-address.js';
import type { OpenBroker } from './broker-types.js';

/** By the kind of its address. A client is loaded when the first stream of its kind is opened. */
export const openBroker: OpenBroker = async (source) => {
  const open = await OPENERS[source.address.kind]();
  return open(source);
};

const OPENERS: Readonly<Record<BrokerKind, () => Promise<OpenBroker>>> = {
  nats: async () => (await import('./nats-broker.js')).openNatsBroker,
  kafka: async () => (await import('./kafka/kafka-broker.js')).openKafkaBroker,
};
