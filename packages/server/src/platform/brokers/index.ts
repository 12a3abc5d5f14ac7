export { type BrokerAddress, type BrokerKind, parseBrokerAddress } from './broker-address.js';
export { brokerErrors } from './broker-errors.js';
export type {
  BrokerConnection,
  BrokerMessage,
  BrokerSource,
  OpenBroker,
  OutgoingMessage,
} from './broker-types.js';
export { openBroker } from './open-broker.js';
