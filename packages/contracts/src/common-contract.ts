import { type Static, type TSchema, Type } from 'typebox';

const Ms = Type.Integer({ description: 'Milliseconds since the Unix epoch, UTC.' });

/** Long work: what a 202 answer points to. */
export const JobSchema = Type.Object(
  {
    id: Type.String(),
    kind: Type.String(),
    state: Type.Enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
    progress: Type.Object({ ratio: Type.Number({ minimum: 0, maximum: 1 }), message: Type.String() }),
    result: Type.Optional(Type.Unknown()),
    error: Type.Optional(
      Type.Object({
        code: Type.String(),
        message: Type.String(),
        remedy: Type.Optional(Type.String()),
        id: Type.Optional(Type.String()),
      }),
    ),
    createdAtMs: Ms,
    startedAtMs: Type.Optional(Ms),
    finishedAtMs: Type.Optional(Ms),
  },
  { description: 'Long work: how far it is and what came out.' },
);
export type JobStateView = Static<typeof JobSchema>;

/** Every error answer of the native API. */
export const ErrorSchema = Type.Object(
  {
    error: Type.Object({
      code: Type.String({ examples: ['REG_MODEL_NOT_FOUND'] }),
      message: Type.String(),
      remedy: Type.String(),
      data: Type.Record(Type.String(), Type.Unknown()),
      id: Type.String({ description: 'Also written to the log.' }),
      requestId: Type.String(),
    }),
  },
  { description: 'What went wrong, what was observed, and what to do next.' },
);
export type ErrorBody = Static<typeof ErrorSchema>;

/** The type behind a schema of this package, for those who do not use the schema library themselves. */
export type Wire<S extends TSchema> = Static<S>;
