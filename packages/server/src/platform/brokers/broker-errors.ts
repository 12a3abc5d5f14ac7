import { defineErrors } from '@fairlead/kernel';

export const brokerErrors = defineErrors('platform/brokers', {
  BRK_UNREACHABLE: {
    status: 503,
    fault: 'system',
    title: 'The broker cannot be reached',
    remedy: 'Check the address and whether the broker runs; it is tried again by itself.',
  },
  BRK_SOURCE_INVALID: {
    status: 422,
    fault: 'user',
    title: 'The broker does not have this stream, or does not let it be read',
    remedy: 'Create the stream in the broker, or name another one.',
  },
  BRK_NOT_STORED: {
    status: 503,
    fault: 'system',
    title: 'The broker has not stored a message',
    remedy: 'Check that a stream of the broker takes the subject; the message is sent again by itself.',
  },
});
