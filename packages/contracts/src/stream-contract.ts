import { type Static, Type } from 'typebox';

const Subject = (description: string) => Type.String({ pattern: '^[^\\s*>]{1,255}$', description });
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const DeclareStreamSchema = Type.Object(
  {
    endpoint: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$', description: 'Which answers.' }),
    environment: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Default production.' })),
    broker: Type.String({
      pattern: '^nats://[^/?#\\s@]+$',
      maxLength: 300,
      examples: ['nats://127.0.0.1:4222'],
      description: 'One of the operator’s streamBrokers, without user and password.',
    }),
    stream: Type.String({ pattern: '^[^\\s.*>/\\\\]{1,200}$', description: 'The JetStream stream that is read.' }),
    subject: Type.Optional(
      Type.String({ pattern: '^\\S{1,255}$', description: 'Only its messages with this subject; may have wildcards.' }),
    ),
    output: Subject('Subject of the answers; a stream of the broker must take it.'),
    deadLetter: Subject('Subject of messages that cannot be answered; a stream of the broker must take it.'),
    maxInFlight: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, description: 'Messages under way at once. Default 64.' }),
    ),
    ackWaitMs: Type.Optional(
      Type.Integer({
        minimum: 1000,
        maximum: 3_600_000,
        description: 'After so long without an answer the broker delivers a message again. Default 30 s.',
      }),
    ),
    maxDeliveries: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description: 'A message that fails for reasons other than its content is given up after so many. Default 100.',
      }),
    ),
    paused: Type.Optional(Type.Boolean({ description: 'Nothing is read. Default false.' })),
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
