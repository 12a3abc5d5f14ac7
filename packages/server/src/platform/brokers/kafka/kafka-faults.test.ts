import { describe, expect, it } from 'vitest';
import { brokerErrors } from '../broker-errors.js';
import { kafkaFault } from './kafka-faults.js';

const failed = (more: object, cause?: unknown) => Object.assign(new Error('it failed', { cause }), more);
const codeOf = (error: unknown) => kafkaFault(error, 'Topic days').code;

describe('an error of the client', () => {
  it('is named by what lies at its bottom, however often it was wrapped', () => {
    const wrapped = (more: object) => failed({ name: 'KafkaJSNumberOfRetriesExceeded' }, failed({}, failed(more)));
    expect(codeOf(wrapped({ type: 'TOPIC_AUTHORIZATION_FAILED' }))).toBe('BRK_UNAUTHORISED');
    expect(codeOf(wrapped({ type: 'SASL_AUTHENTICATION_FAILED' }))).toBe('BRK_UNAUTHORISED');
    expect(codeOf(wrapped({ name: 'KafkaJSSASLAuthenticationError' }))).toBe('BRK_UNAUTHORISED');
    expect(codeOf(wrapped({ type: 'UNKNOWN_TOPIC_OR_PARTITION' }))).toBe('BRK_SOURCE_INVALID');
    expect(codeOf(wrapped({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }))).toBe('BRK_UNTRUSTED');
    expect(codeOf(wrapped({ message: 'Connection error: self-signed certificate in chain' }))).toBe('BRK_UNTRUSTED');
    expect(codeOf(wrapped({ name: 'KafkaJSNotImplemented' }))).toBe('BRK_UNREADABLE');
    expect(codeOf(failed({}, brokerErrors.BRK_UNREADABLE('It is torn.')))).toBe('BRK_UNREADABLE');
    expect(codeOf(wrapped({ name: 'KafkaJSConnectionError', code: 'ECONNREFUSED' }))).toBe('BRK_UNREACHABLE');
  });

  it('says what was done and why it failed, in one sentence', () => {
    const error = failed({}, failed({ message: 'This server does not host this topic-partition' }));
    expect(kafkaFault(error, 'Topic days').message).toBe('Topic days: This server does not host this topic-partition.');
    expect(kafkaFault('text', 'Topic days').message).toBe('Topic days: text.');
  });

  it('ends with causes that go in a circle', () => {
    const circle = failed({});
    circle.cause = circle;
    expect(codeOf(circle)).toBe('BRK_UNREACHABLE');
  });
});
