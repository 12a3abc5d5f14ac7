import { type Static, Type } from 'typebox';
import { closed, DurationSchema, Name } from './project-shapes.js';

const Subject = (description: string) => Type.String({ pattern: '^[^\\s*>]{1,255}$', description });
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

const Broker = Type.String({
  pattern: '^(nats|nats\\+tls|tls|kafka|kafka\\+ssl)://[^/?#\\s@]+$',
  maxLength: 300,
  examples: ['nats://127.0.0.1:4222', 'kafka://a.example:9092,b.example:9092'],
  description: 'One of the operator’s streamBrokers, with all its hosts, without user, password and options.',
});
const places = {
  broker: Broker,
  stream: Type.String({
    pattern: '^[^\\s*>/\\\\]{1,200}$',
    description: 'The JetStream stream, or the topic of Kafka, that is read.',
  }),
  output: Subject('Subject of the answers, which a stream of the broker must take, or their topic.'),
  deadLetter: Subject('Subject or topic of messages that cannot be answered.'),
};
const choices = {
  subject: Type.Optional(
    Type.String({
      pattern: '^\\S{1,255}$',
      description: 'Of NATS: only its messages with this subject; may have wildcards.',
    }),
  ),
  maxInFlight: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, description: 'Messages under way at once. Default 64.' }),
  ),
  maxDeliveries: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description: 'A message that fails for reasons other than its content is given up after so many. Default 100.',
    }),
  ),
  paused: Type.Optional(Type.Boolean({ description: 'Nothing is read. Default false.' })),
};

export const DeclareStreamSchema = Type.Object(
  {
    endpoint: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$', description: 'Which answers.' }),
    environment: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Default production.' })),
    ...places,
    ...choices,
    ackWaitMs: Type.Optional(
      Type.Integer({
        minimum: 1000,
        maximum: 3_600_000,
        description: 'After so long without an answer NATS delivers a message again. Default 30 s.',
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'Messages of a broker that an endpoint answers.',
    examples: [
      {
        ...{ endpoint: 'rain', broker: 'nats://127.0.0.1:4222', stream: 'DAYS', subject: 'days.new' },
        ...{ output: 'rain.answers', deadLetter: 'rain.dead' },
      },
    ],
  },
);

/** The same in a project file, where a stream can also be said to be gone. */
export const StreamDeclarationSchema = Type.Object(
  {
    endpoint: Type.Optional(Name),
    environment: Type.Optional(Name),
    ...Type.Partial(Type.Object(places)).properties,
    ...choices,
    ackWait: Type.Optional(DurationSchema),
    removed: Type.Optional(
      Type.Literal(true, { description: 'There shall be no stream of this name; nothing else is said of it.' }),
    ),
  },
  {
    ...closed,
    if: { required: ['removed'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { maxProperties: 1 },
    else: { required: ['endpoint', ...Object.keys(places)] },
    description: 'Messages of a broker that an endpoint answers.',
  },
);

const Count = (description: string) => Type.Integer({ description });

export const StreamSchema = Type.Object(
  {
    spec: Type.Object({
      name: Type.String(),
      endpoint: Type.String(),
      environment: Type.String(),
      broker: Type.String(),
      stream: Type.String(),
      subject: OrNull(Type.String()),
      output: Type.String(),
      deadLetter: Type.String(),
      maxInFlight: Type.Integer(),
      ackWaitMs: Type.Integer(),
      maxDeliveries: Type.Integer(),
      paused: Type.Boolean(),
    }),
    status: Type.Object(
      {
        state: Type.Enum(['paused', 'connecting', 'running', 'stopped']),
        error: OrNull(Type.String({ description: 'What went wrong last, until it goes well again.' })),
        answered: Count('Messages whose answer was stored by the broker.'),
        deadLettered: Count('Messages that no answer can be given to.'),
        duplicates: Count('Deliveries of messages that had been answered.'),
        retried: Count('Deliveries that must be repeated.'),
        lag: OrNull(Count('Messages of the source that are not acknowledged.')),
      },
      { description: 'Counted since this server started.' },
    ),
  },
  { description: 'A declared stream and how it is.' },
);
export type StreamView = Static<typeof StreamSchema>;
