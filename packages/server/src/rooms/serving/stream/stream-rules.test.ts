import { describe, expect, it } from 'vitest';
import { streamIssue } from './stream-rules.js';
import type { StreamSpec } from './stream-types.js';

const spec = (more: Partial<StreamSpec>): StreamSpec => ({
  ...{ name: 'days', endpoint: 'rain', environment: 'test', broker: 'kafka://a', stream: 'days', subject: null },
  ...{ output: 'answers', deadLetter: 'dead', maxInFlight: 1, ackWaitMs: 1000, maxDeliveries: 1, paused: false },
  ...more,
});

describe('a stream', () => {
  it('of Kafka has three topics and no subject', () => {
    expect(streamIssue(spec({}), 'kafka')).toBeNull();
    expect(streamIssue(spec({ stream: 'a.b-c_d' }), 'kafka')).toBeNull();
    expect(streamIssue(spec({ subject: 'x' }), 'kafka')).toMatchObject({ field: 'subject' });
    expect(streamIssue(spec({ output: '..' }), 'kafka')).toMatchObject({ field: 'output' });
    expect(streamIssue(spec({ stream: 'x'.repeat(161) }), 'kafka')?.problem).toContain('at most 160');
    expect(streamIssue(spec({ deadLetter: 'days' }), 'kafka')).toEqual({
      field: 'deadLetter',
      problem: 'is days, the same place as stream',
    });
  });

  it('of NATS has a name without dots, and subjects that are not each other', () => {
    expect(streamIssue(spec({ output: 'days' }), 'nats')).toBeNull();
    expect(streamIssue(spec({ stream: 'a.b' }), 'nats')?.problem).toContain('no dots');
    expect(streamIssue(spec({ subject: 'answers' }), 'nats')?.problem).toContain('the same place as subject');
    expect(streamIssue(spec({ output: 'dead' }), 'nats')).toMatchObject({ field: 'deadLetter' });
  });
});
