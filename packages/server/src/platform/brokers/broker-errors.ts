import { defineErrors } from '@fairlead/kernel';

export const brokerErrors = defineErrors('platform/brokers', {
  BRK_ADDRESS_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The address names no broker',
    remedy:
      'Correct streamBrokers: nats://, nats+tls://, kafka:// or kafka+ssl:// with host and port; docs/guide/stream.md lists the options.',
  },
  BRK_SECRET_MISSING: {
    status: 503,
    fault: 'system',
    title: 'A secret or certificate of a broker cannot be read',
    remedy: 'Mend the file or variable that streamBrokers names; it is read again at the next attempt.',
  },
  BRK_UNREACHABLE: {
    status: 503,
    fault: 'system',
    title: 'The broker cannot be reached',
    remedy: 'Check the address and whether the broker runs; it is tried again by itself.',
  },
  BRK_UNTRUSTED: {
    status: 503,
    fault: 'system',
    title: 'The broker has shown no certificate that is trusted',
    remedy:
      'Name the file of its certificate authority in streamBrokers (?ca=FILE), and the host as its certificate does.',
  },
  BRK_UNAUTHORISED: {
    status: 403,
    fault: 'system',
    title: 'The broker does not let the server in, or not do this',
    remedy:
      'Check user, password or token in streamBrokers, and what the broker allows this user: to read the source with its group, to write to the targets.',
  },
  BRK_SOURCE_INVALID: {
    status: 422,
    fault: 'user',
    title: 'The broker does not have this stream or topic, or does not let it be read',
    remedy: 'Create the stream or topic in the broker, or name another one.',
  },
  BRK_UNREADABLE: {
    status: 502,
    fault: 'system',
    title: 'What the broker holds cannot be read',
    remedy: 'Look at the messages behind the committed offset: they are compressed in an unknown way, or damaged.',
  },
  BRK_NOT_STORED: {
    status: 503,
    fault: 'system',
    title: 'The broker has not stored a message',
    remedy: 'Check that a stream or topic of the broker takes it; the message is sent again by itself.',
  },
});
