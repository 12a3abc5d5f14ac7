export { brokerErrors } from './broker-errors.js';
export type {
  BrokerConnection,
  BrokerMessage,
  BrokerSource,
  OpenBroker,
  OutgoingMessage,
} from './broker-types.js';
export { openNatsBroker } from './nats-broker.js';
