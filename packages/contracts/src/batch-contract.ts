import { type Static, Type } from 'typebox';
import { JobSchema } from './common-contract.js';

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Path = (description: string) => Type.String({ minLength: 1, maxLength: 4000, description });

export const NewBatchSchema = Type.Object(
  {
    endpoint: Type.Optional(
      Type.String({ minLength: 1, maxLength: 100, description: 'Whose stable version answers.' }),
    ),
    environment: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Default production.' })),
    model: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 300,
        description: 'In the place of an endpoint: `rain@3`, `rain@champion` (an alias) or `rain`, its newest version.',
      }),
    ),
    input: Path('Parquet, CSV with a header, or JSON lines, on the server’s machine.'),
    output: Path('Parquet; its folder must exist. A file that is there is replaced when the new one is whole.'),
    format: Type.Optional(
      Type.Enum(['parquet', 'csv', 'jsonl'], { description: 'Of the input; default by its name.' }),
    ),
    keep: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 500 }), {
        maxItems: 1000,
        description: 'Columns of the input that are written before the answers, with their types.',
      }),
    ),
    maxErrors: Type.Optional(
      Type.Integer({ minimum: 0, description: 'More rows without an answer end the batch. Default: any number.' }),
    ),
  },
  {
    additionalProperties: false,
    description: 'A file to answer, and by what.',
    examples: [{ endpoint: 'rain', input: '/data/days.parquet', output: '/data/rain.parquet', keep: ['id'] }],
  },
);

export const BatchResultSchema = Type.Object(
  {
    output: Type.String(),
    digest: Type.String({ description: 'sha256 of the output.' }),
    sizeBytes: Type.Integer(),
    rows: Type.Integer({ description: 'Of the output: exactly those of the input, in its order.' }),
    errorRows: Type.Integer({ description: 'Rows whose answer is null.' }),
    errorsPath: OrNull(
      Type.String({ description: 'A line of JSON per such row: row (from 0), column, code, reason.' }),
    ),
    resumedRows: Type.Integer({ description: 'Rows that an interrupted run had answered.' }),
    columns: Type.Array(Type.String()),
    unusualCells: Type.Record(Type.String(), Type.Integer(), {
      description: 'Cells outside what training saw, by column; they were answered.',
    }),
  },
  { description: 'What came of a batch.' },
);
export type BatchResultView = Static<typeof BatchResultSchema>;

export const BatchTargetSchema = Type.Object(
  {
    model: Type.String(),
    version: Type.Integer({ minimum: 1 }),
    digest: Type.String({ description: 'sha256 of the model file.' }),
    endpoint: OrNull(Type.String()),
    environment: OrNull(Type.String()),
    deploymentId: OrNull(Type.String()),
  },
  { description: 'The version that answers all rows.' },
);
export type BatchTargetView = Static<typeof BatchTargetSchema>;

const { id, state, progress, error, createdAtMs, startedAtMs, finishedAtMs } = JobSchema.properties;

export const BatchSchema = Type.Object(
  {
    ...{ id, state, progress, createdAtMs, startedAtMs, finishedAtMs, error },
    request: NewBatchSchema,
    target: BatchTargetSchema,
    result: OrNull(BatchResultSchema),
  },
  { title: 'Batch', description: 'A file that is answered by a model.' },
);
export type BatchView = Static<typeof BatchSchema>;
