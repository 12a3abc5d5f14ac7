import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1 });
const PartName = Type.String({ minLength: 1, description: 'A part of the split.' });
const Scalar = Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()]);

type WrittenValue = Static<typeof Scalar> | readonly WrittenValue[] | { readonly [name: string]: WrittenValue };
/** A value of a parameter: some are lists, and those of ensembles objects of the parameters of their members. */
const Written = Type.Unsafe<WrittenValue>(
  Type.Union([Scalar, Type.Array(Type.Unknown(), { minItems: 1 }), Type.Record(Text, Type.Unknown())]),
);

export const CandidateSchema = Type.Object(
  {
    trainer: Type.String({ minLength: 1, description: 'A name from the trainer catalogue.' }),
    params: Type.Optional(
      Type.Record(Text, Written, {
        description:
          'A value, or a list of values to try. Of a parameter that is a list itself, such as hiddenLayerSizes, a list is one value and a list of lists a grid.',
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

type FlatValidation =
  | { kind: 'time-series'; folds: number; gap?: number; window?: 'expanding' | 'sliding' }
  | { kind: 'k-fold'; folds: number }
  | { kind: 'group'; folds: number; column: string }
  | { kind: 'hold-out'; ratio: number };

const flatKinds = [
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
];

const byKind = <T>(member: string, kinds: object[], description: string) =>
  Type.Unsafe<T>({
    type: 'object',
    required: [member],
    discriminator: { propertyName: member },
    oneOf: kinds,
    description,
  });

const FlatValidationSchema = byKind<FlatValidation>('kind', flatKinds, 'One set of folds.');

export const ValidationSchema = byKind<
  FlatValidation | { kind: 'nested'; outer: FlatValidation; inner: FlatValidation }
>(
  'kind',
  [
    ...flatKinds,
    Type.Object({ kind: Type.Literal('nested'), outer: FlatValidationSchema, inner: FlatValidationSchema }, closed),
  ],
  'How candidates are compared: on later rows, on rows or groups left out, or on one part left out. Nested: by `inner`, and the whole search is judged by `outer` on rows that it never saw.',
);

const SelectionMetricSchema = Type.Enum([
  'brier',
  'log-loss',
  'roc-auc',
  'roc-auc-ovr',
  'roc-auc-ovo',
  'accuracy',
  'balanced-accuracy',
  'f1-macro',
  'rmse',
  'mae',
  'r2',
  'pinball',
  'poisson-deviance',
  'inertia',
  'silhouette',
]);

/** Its members are checked by the parser of packages/num, which names what is wrong in them. */
export const PreprocessSchema = Type.Object(
  {
    columns: Type.Array(Type.Record(Text, Type.Unknown()), {
      minItems: 1,
      description: 'One block per column: kind numeric, boolean, category, text or date, with its options.',
    }),
    steps: Type.Optional(
      Type.Array(Type.Record(Text, Type.Unknown()), {
        description: 'Over all features, in this order: step scale, polynomial, select or pca.',
      }),
    ),
  },
  {
    ...closed,
    description:
      'Preprocessing taken as it stands instead of what would be chosen; the model reads the columns it names.',
    examples: [{ columns: [{ name: 'wind', kind: 'numeric', clipUpper: 0.99, impute: 'mean' }] }],
  },
);

const Count = Type.Integer({ minimum: 0 });
const Factor = Type.Integer({ minimum: 2 });

type Sampler =
  | { kind: 'grid' }
  | { kind: 'random' }
  | { kind: 'sobol' }
  | { kind: 'tpe'; startupTrials?: number; candidates?: number; multivariate?: boolean; constantLiar?: boolean }
  | { kind: 'nsga-ii'; populationSize?: number; crossoverProb?: number; mutationProb?: number };

const SamplerSchema = byKind<Sampler>(
  'kind',
  [
    Type.Object({ kind: Type.Literal('grid') }, closed),
    Type.Object({ kind: Type.Literal('random') }, closed),
    Type.Object({ kind: Type.Literal('sobol') }, closed),
    Type.Object(
      {
        kind: Type.Literal('tpe'),
        startupTrials: Type.Optional(Type.Integer({ minimum: 0, description: 'Random ones at first; default 10.' })),
        candidates: Type.Optional(
          Type.Integer({ minimum: 1, maximum: 100_000, description: 'Points weighed per suggestion; default 24.' }),
        ),
        multivariate: Type.Optional(Type.Boolean({ description: 'Default: true with one objective.' })),
        constantLiar: Type.Optional(Type.Boolean({ description: 'Trials under way count as bad; default true.' })),
      },
      closed,
    ),
    Type.Object(
      {
        kind: Type.Literal('nsga-ii'),
        populationSize: Type.Optional(
          Type.Integer({ minimum: 2, maximum: 100_000, description: 'Trials per generation; default 50.' }),
        ),
        crossoverProb: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'Two parents; default 0.9.' })),
        mutationProb: Type.Optional(
          Type.Number({ minimum: 0, maximum: 1, description: 'Fresh values; default 1 / parameters.' }),
        ),
      },
      closed,
    ),
  ],
  'What suggests the trials.',
);

interface Percentiles {
  startupTrials?: number;
  warmupSteps?: number;
  intervalSteps?: number;
  minTrials?: number;
}
type FlatPruner =
  | { kind: 'none' }
  | ({ kind: 'median' } & Percentiles)
  | ({ kind: 'percentile'; percentile: number } & Percentiles)
  | { kind: 'successive-halving'; minResource?: number; reductionFactor?: number; minEarlyStoppingRate?: number }
  | { kind: 'hyperband'; minResource?: number; maxResource?: number; reductionFactor?: number };
type Pruner = FlatPruner | { kind: 'patient'; patience: number; minDelta?: number; inner?: FlatPruner };

const percentiles = {
  startupTrials: Type.Optional(Type.Integer({ minimum: 0, description: 'Completed before any is pruned; default 5.' })),
  warmupSteps: Type.Optional(Type.Integer({ minimum: 0, description: 'Folds below this never prune; default 0.' })),
  intervalSteps: Type.Optional(Type.Integer({ minimum: 1 })),
  minTrials: Type.Optional(Type.Integer({ minimum: 1 })),
};
const flatPruners = [
  Type.Object({ kind: Type.Literal('none') }, closed),
  Type.Object({ kind: Type.Literal('median'), ...percentiles }, closed),
  Type.Object(
    { kind: Type.Literal('percentile'), percentile: Type.Number({ minimum: 0, maximum: 100 }), ...percentiles },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('successive-halving'),
      minResource: Type.Optional(Type.Integer({ minimum: 1, description: 'Folds before the first rung.' })),
      reductionFactor: Type.Optional(Factor),
      minEarlyStoppingRate: Type.Optional(Count),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('hyperband'),
      minResource: Type.Optional(Type.Integer({ minimum: 1 })),
      maxResource: Type.Optional(Type.Integer({ minimum: 1 })),
      reductionFactor: Type.Optional(Factor),
    },
    closed,
  ),
];
const PrunerSchema = byKind<Pruner>(
  'kind',
  [
    ...flatPruners,
    Type.Object(
      {
        kind: Type.Literal('patient'),
        patience: Count,
        minDelta: Type.Optional(Type.Number({ minimum: 0 })),
        inner: Type.Optional(byKind<FlatPruner>('kind', flatPruners, 'Asked when patience has run out.')),
      },
      closed,
    ),
  ],
  'What gives up a trial after a fold.',
);

const SearchSchema = Type.Object(
  {
    sampler: SamplerSchema,
    trials: Type.Integer({ minimum: 1, maximum: 10_000, description: 'Per candidate.' }),
    pruner: Type.Optional(PrunerSchema),
    parallel: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 64, description: 'Trials asked for at a time; default 2, with a pruner 4.' }),
    ),
    space: Type.Optional(
      Type.Record(Text, Type.Unknown(), {
        description: 'Parameters to search: a list of choices, one value, or low and high. Default: the trainer’s own.',
        examples: [{ c: { low: 0.001, high: 1000, log: true }, kernel: ['rbf', 'linear'] }],
      }),
    ),
    spaces: Type.Optional(
      Type.Record(Text, Type.Record(Text, Type.Unknown()), {
        description: 'The same by trainer, where there are several.',
      }),
    ),
    enqueue: Type.Optional(
      Type.Array(Type.Record(Text, Scalar), { minItems: 1, description: 'Tried first; what is left out is sampled.' }),
    ),
    stop: Type.Optional(
      Type.Object(
        {
          patience: Type.Optional(Type.Integer({ minimum: 1, description: 'Trials without a better one.' })),
          target: Type.Optional(Type.Number({ description: 'A score that is good enough.' })),
        },
        { ...closed, description: 'Ends a study before its trials are used up.' },
      ),
    ),
    objectives: Type.Optional(
      Type.Array(SelectionMetricSchema, {
        minItems: 1,
        description: 'Several, the metric among them: a Pareto front.',
      }),
    ),
  },
  { ...closed, description: 'Search the parameters of each candidate that have no value yet.' },
);

const asked = {
  target: Type.Optional(
    Type.String({ minLength: 1, description: 'Default: the label of the dataset. Not for clustering and anomaly.' }),
  ),
  task: Type.Optional(
    Type.Enum(['classification', 'regression', 'clustering', 'anomaly'], {
      description: 'Default: classification of truth values and text, regression of numbers.',
    }),
  ),
  labels: Type.Optional(Type.Array(Text, { minItems: 2, description: 'Names of the classes, in order.' })),
  features: Type.Optional(Type.Array(Text, { minItems: 1, description: 'Default: every column but time and entity.' })),
  exclude: Type.Optional(Type.Array(Text)),
  preprocess: Type.Optional(PreprocessSchema),
  search: Type.Optional(SearchSchema),
  alpha: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'The quantile of pinball; default 0.5.' }),
  ),
  timeBudgetMs: Type.Optional(Type.Integer({ minimum: 1000, description: 'No further trial begins after so long.' })),
};

/** `with` of the built-in step `train`. */
export const TrainStepSchema = Type.Object(
  {
    part: PartName,
    ...asked,
    candidates: Type.Optional(Type.Array(CandidateSchema, { minItems: 1 })),
    validation: Type.Optional(ValidationSchema),
    metric: Type.Optional(SelectionMetricSchema),
  },
  {
    ...closed,
    description:
      'Search for the best candidate, fit it on all rows of the part, package it as ONNX. With an input `tuning` nothing but `part`: its best is fitted.',
  },
);
export type TrainStep = Static<typeof TrainStepSchema>;

/** `with` of the built-in step `tune`. */
export const TuneStepSchema = Type.Object(
  {
    part: PartName,
    ...asked,
    candidates: Type.Array(CandidateSchema, { minItems: 1 }),
    validation: ValidationSchema,
    metric: SelectionMetricSchema,
  },
  { ...closed, description: 'Search for the best candidate and no more; the study log can be verified.' },
);
export type TuneStep = Static<typeof TuneStepSchema>;

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
