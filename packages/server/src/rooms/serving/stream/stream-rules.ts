import type { StreamGiven, StreamSpec } from './stream-types.js';

/** Kafka's own rule for topics. */
const TOPIC = /^[A-Za-z0-9._-]{1,249}$/;
/** The id of a message without a name has the topic in it, with partition and offset, in 200 characters. */
const MAX_SOURCE_TOPIC = 160;

/** What makes no sense in a specification: of which field, and a text that follows its name. */
export interface StreamIssue {
  readonly field: 'broker' | 'stream' | 'subject' | 'output' | 'deadLetter';
  readonly problem: string;
}

/** A declaration with what it leaves out. */
export function streamSpec(name: string, given: StreamGiven): StreamSpec {
  const { subject, environment, maxInFlight, ackWaitMs, maxDeliveries, paused, ...rest } = given;
  return {
    name,
    ...rest,
    environment: environment ?? 'production',
    subject: subject ?? null,
    maxInFlight: maxInFlight ?? 64,
    ackWaitMs: ackWaitMs ?? 30_000,
    maxDeliveries: maxDeliveries ?? 100,
    paused: paused ?? false,
  };
}

/** Null: it makes sense to this kind of broker. */
export function streamIssue(spec: StreamSpec, kind: 'nats' | 'kafka'): StreamIssue | null {
  return kind === 'kafka' ? kafkaIssue(spec) : natsIssue(spec);
}

function kafkaIssue({ stream, subject, output, deadLetter }: StreamSpec): StreamIssue | null {
  if (subject !== null) {
    return { field: 'subject', problem: `is ${subject}, but a topic of Kafka has no subjects: leave it out` };
  }
  for (const [field, topic] of Object.entries({ stream, output, deadLetter }) as [StreamIssue['field'], string][]) {
    if (!TOPIC.test(topic) || topic === '.' || topic === '..') {
      const expected = 'expected a topic of Kafka: letters, digits, dot, underscore and dash, at most 249';
      return { field, problem: `is ${topic}, ${expected}` };
    }
  }
  if (stream.length > MAX_SOURCE_TOPIC) {
    const problem = `has ${stream.length} characters, expected at most ${MAX_SOURCE_TOPIC} of a topic that is read`;
    return { field: 'stream', problem };
  }
  return sameIssue({ stream, output, deadLetter });
}

function natsIssue({ stream, subject, output, deadLetter }: StreamSpec): StreamIssue | null {
  if (stream.includes('.')) {
    return { field: 'stream', problem: `is ${stream}, but streams of JetStream have no dots in their names` };
  }
  return sameIssue({ subject, output, deadLetter });
}

/** Answers that are read again are answered again, without end. */
function sameIssue(places: Readonly<Partial<Record<StreamIssue['field'], string | null>>>): StreamIssue | null {
  const entries = Object.entries(places).filter(([, place]) => place !== null) as [StreamIssue['field'], string][];
  for (const [index, [first, place]] of entries.entries()) {
    const twin = entries.slice(index + 1).find(([, other]) => other === place);
    if (twin !== undefined) return { field: twin[0], problem: `is ${place}, the same place as ${first}` };
  }
  return null;
}
