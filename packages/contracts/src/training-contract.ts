import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1 });
const PartName = Type.String({ minLength: 1, description: 'A part of the split.' });
const Scalar = Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()]);

export const CandidateSchema = Type.Object(
  {
    trainer: Type.String({ minLength: 1, description: 'A name from the trainer catalogue.' }),
    params: Type.Optional(
      Type.Record(Text, Type.Union([Scalar, Type.Array(Scalar, { minItems: 1 })]), {
        description: 'A value, or a list of values to try.',
      }),
    ),
  },
  {
    ...closed,
    description: 'A trainer and the values of its parameters to try; lists make a grid.',
    examples: [{ trainer: 'random-forest', params: { nEstimators: 300, minSamplesLeaf: [5, 10, 20] } }],
  },
);

const Folds = Type.Integer({ minimum: 2, maximum: 100 });

export const ValidationSchema = Type.Unsafe<
  | { kind: 'time-series'; folds: number; gap?: number; window?: 'expanding' | 'sliding' }
  | { kind: 'k-fold'; folds: number }
  | { kind: 'group'; folds: number; column: string }
  | { kind: 'hold-out'; ratio: number }
>({
  type: 'object',
  required: ['kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: [
    Type.Object(
      {
        kind: Type.Literal('time-series'),
        folds: Folds,
        gap: Type.Optional(Type.Integer({ minimum: 0, description: 'Rows left out between training and validation.' })),
        window: Type.Optional(
          Type.Enum(['expanding', 'sliding'], {
            description: 'Train on all rows before (default), or on as many as the first fold has.',
          }),
        ),
      },
      closed,
    ),
    Type.Object({ kind: Type.Literal('k-fold'), folds: Folds }, closed),
    Type.Object(
      {
        kind: Type.Literal('group'),
        folds: Folds,
        column: Type.String({ minLength: 1, description: 'Rows with equal values in it are never parted.' }),
      },
      closed,
    ),
    Type.Object(
      {
        kind: Type.Literal('hold-out'),
        ratio: Type.Number({
          exclusiveMinimum: 0,
          exclusiveMaximum: 1,
          description: 'The last rows by time, or random ones.',
        }),
      },
      closed,
    ),
  ],
  description: 'How candidates are compared: on later rows, on rows or groups left out, or on one part left out.',
});

const SelectionMetricSchema = Type.Enum([
  'brier',
  'log-loss',
  'roc-auc',
  'accuracy',
  'balanced-accuracy',
  'f1-macro',
  'rmse',
  'mae',
  'r2',
  'inertia',
]);

/** `with` of the built-in step `train`. */
export const TrainStepSchema = Type.Object(
  {
    part: PartName,
    target: Type.Optional(
      Type.String({ minLength: 1, description: 'Default: the label of the dataset. Not for clustering and anomaly.' }),
    ),
    task: Type.Optional(
      Type.Enum(['classification', 'regression', 'clustering', 'anomaly'], {
        description: 'Default: classification of truth values and text, regression of numbers.',
      }),
    ),
    labels: Type.Optional(Type.Array(Text, { minItems: 2, description: 'Names of the classes, in order.' })),
    features: Type.Optional(
      Type.Array(Text, { minItems: 1, description: 'Default: every column but time and entity.' }),
    ),
    exclude: Type.Optional(Type.Array(Text)),
    candidates: Type.Array(CandidateSchema, { minItems: 1 }),
    search: Type.Optional(
      Type.Object(
        {
          sampler: Type.Object({ kind: Type.Enum(['grid', 'random', 'sobol', 'tpe']) }, closed),
          trials: Type.Integer({ minimum: 1, maximum: 10_000, description: 'Per candidate.' }),
          parallel: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 64, description: 'Trials asked for at a time; default 2.' }),
          ),
        },
        { ...closed, description: 'Search the parameters of each candidate that have no value yet.' },
      ),
    ),
    validation: ValidationSchema,
    metric: Type.Optional(SelectionMetricSchema),
    timeBudgetMs: Type.Optional(Type.Integer({ minimum: 1000, description: 'No further trial begins after so long.' })),
  },
  { ...closed, description: 'Search for the best candidate, fit it on all rows of the part, package it as ONNX.' },
);
export type TrainStep = Static<typeof TrainStepSchema>;

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

/** `with` of the built-in step `ingest`. Null is as good as absent, so that a pipeline's parameter may be left empty. */
export const IngestStepSchema = Type.Object(
  {
    dataset: Text,
    path: Type.Optional(OrNull(Type.String({ minLength: 1, description: 'Another source than the declared one.' }))),
    where: Type.Optional(OrNull(Type.String({ minLength: 1, description: 'Which rows to take: an SQL condition.' }))),
    mode: Type.Optional(OrNull(Type.Enum(['append', 'replace']))),
  },
  { ...closed, description: 'Take a delivery into a new version of a dataset.' },
);
export type IngestStep = Static<typeof IngestStepSchema>;

const Time = Type.String({ minLength: 4, description: 'ISO 8601 in UTC, for example 2015-01-01.' });
const Range = Type.Object({ from: Type.Optional(Time), until: Type.Optional(Time) }, closed);
const Ratio = Type.Number({ exclusiveMinimum: 0, maximum: 1 });
const source = {
  dataset: Type.Optional(Type.String({ minLength: 1, description: 'Needed when there is no input `version`.' })),
  version: Type.Optional(
    Type.Union([Text, Type.Integer({ minimum: 1 })], {
      description: 'A version id, a number or `latest` (default).',
    }),
  ),
};
const seed = Type.Optional(
  Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: 'Default: the step’s seed.' }),
);

/** `with` of the built-in step `split`. */
export const SplitStepSchema = Type.Unsafe<
  { dataset?: string; version?: string | number } & (
    | {
        by: 'time';
        parts: Record<string, { from?: string; until?: string }>;
        labelOverlap?: 'exclude' | 'allow';
      }
    | { by: 'random'; parts: Record<string, number>; seed?: number }
    | { by: 'group'; column: string; parts: Record<string, number>; seed?: number }
  )
>({
  type: 'object',
  required: ['by'],
  discriminator: { propertyName: 'by' },
  oneOf: [
    Type.Object(
      {
        ...source,
        by: Type.Literal('time'),
        parts: Type.Record(Text, Range),
        labelOverlap: Type.Optional(
          Type.Enum(['exclude', 'allow'], {
            description: 'Rows whose label is observed in a later part are left out unless allowed.',
          }),
        ),
      },
      closed,
    ),
    Type.Object({ ...source, by: Type.Literal('random'), parts: Type.Record(Text, Ratio), seed }, closed),
    Type.Object({ ...source, by: Type.Literal('group'), column: Text, parts: Type.Record(Text, Ratio), seed }, closed),
  ],
  description: 'Part a dataset version by time, at random, or by groups that stay together.',
});
export type SplitStep = Static<typeof SplitStepSchema>;
