import { type Static, Type } from 'typebox';

const Digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'sha256, 64 lower-case hex digits.' });
const OrNull = Type.Union([Type.Number(), Type.Null()], {
  description: 'Null where it is not defined, for example the AUC of one class.',
});

const Interval = Type.Object(
  { estimate: OrNull, lower: OrNull, upper: OrNull, confidence: Type.Number() },
  { description: 'A point estimate and its bounds; `confidence` is a ratio, for example 0.95.' },
);

export const ClassScoresSchema = Type.Object(
  {
    accuracy: OrNull,
    balancedAccuracy: OrNull,
    precision: OrNull,
    recall: OrNull,
    f1: OrNull,
    mcc: OrNull,
    rocAuc: OrNull,
    averagePrecision: OrNull,
    logLoss: OrNull,
    brier: OrNull,
    ece: OrNull,
  },
  {
    description:
      'Scores by the conventions of scikit-learn: of the second of two labels; of more labels, unweighted means over them.',
  },
);

export const BaselineComparisonSchema = Type.Object(
  {
    baseline: Type.String(),
    scores: ClassScoresSchema,
    brierSkill: Interval,
    accuracyGain: Interval,
  },
  { description: 'The model against a forecast without skill, on the same rows; above zero is better.' },
);

export const SliceResultSchema = Type.Object(
  {
    slice: Type.String({ examples: ['weather = fog and wind < 2'] }),
    rows: Type.Integer(),
    brier: Type.Number(),
    accuracy: Interval,
    excessBrier: Type.Number({ description: 'Brier score of the slice minus that of all rows.' }),
    pValueAdjusted: OrNull,
  },
  { description: 'A part of the rows on which the model is worse; corrected for how many were looked at.' },
);

const closed = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1 });

const BaselineSpecsSchema = Type.Array(
  Type.Unsafe<
    | { kind: 'majority' }
    | { kind: 'mean' }
    | { kind: 'median' }
    | { kind: 'persistence'; column: string }
    | { kind: 'rule'; name: string; sql: string }
  >({
    type: 'object',
    required: ['kind'],
    discriminator: { propertyName: 'kind' },
    oneOf: [
      Type.Object({ kind: Type.Literal('majority') }, closed),
      Type.Object({ kind: Type.Literal('mean') }, closed),
      Type.Object({ kind: Type.Literal('median') }, closed),
      Type.Object({ kind: Type.Literal('persistence'), column: Text }, closed),
      Type.Object(
        {
          kind: Type.Literal('rule'),
          name: Text,
          sql: Type.String({
            minLength: 1,
            maxLength: 4000,
            description: 'P(second label) from the row, 0..1; of numbers the number.',
          }),
        },
        closed,
      ),
    ],
    description: 'A forecast without skill; majority, of numbers the mean, is always compared with.',
  }),
);

const QuestionSchema = Type.Object(
  {
    trainPart: Text,
    baselines: BaselineSpecsSchema,
    sliceColumns: Type.Optional(Type.Array(Text)),
    minSliceRows: Type.Optional(Type.Integer()),
  },
  {
    description:
      'What was asked beside model and rows, so that other answers to the same rows can be judged alike. Reports of former versions lack it.',
  },
);

export const EvaluationReportSchema = Type.Object(
  {
    id: Type.String(),
    modelDigest: Digest,
    splitId: Type.String(),
    part: Type.String(),
    rows: Type.Integer(),
    scores: ClassScoresSchema,
    intervals: Type.Record(Type.String(), Interval),
    confusion: Type.Array(Type.Array(Type.Integer()), { description: 'Rows are the truth, columns the prediction.' }),
    labels: Type.Array(Type.String()),
    calibration: Type.Array(Type.Object({ predicted: Type.Number(), observed: Type.Number(), rows: Type.Integer() }), {
      description: 'Mean forecast and observed share per bin of forecasts.',
    }),
    baselines: Type.Array(BaselineComparisonSchema),
    strongestBaseline: Type.String({ description: 'The baseline with the lowest Brier score.' }),
    slices: Type.Array(SliceResultSchema, { description: 'Worst first.' }),
    bootstrap: Type.Object({ resamples: Type.Integer(), blockRows: Type.Integer(), seed: Type.Integer() }),
    question: Type.Optional(QuestionSchema),
    createdAtMs: Type.Integer({ description: 'Milliseconds since the Unix epoch, UTC.' }),
  },
  {
    title: 'EvaluationReport',
    description: 'How good a model is on rows it has not seen, against forecasts without skill.',
  },
);
export type EvaluationReportView = Static<typeof EvaluationReportSchema>;

const NumberScoresSchema = Type.Object(
  {
    rmse: OrNull,
    mae: OrNull,
    medianAbsoluteError: OrNull,
    maxError: OrNull,
    mape: OrNull,
    r2: OrNull,
    explainedVariance: OrNull,
    bias: OrNull,
  },
  { description: 'By the conventions of scikit-learn; bias is the mean of truth − prediction.' },
);

export const RegressionReportSchema = Type.Object(
  {
    id: Type.String(),
    task: Type.Literal('regression'),
    target: Type.String(),
    modelDigest: Digest,
    splitId: Type.String(),
    part: Type.String(),
    rows: Type.Integer(),
    scores: NumberScoresSchema,
    intervals: Type.Record(Type.String(), Interval),
    residuals: Type.Object(
      {
        mean: OrNull,
        standardDeviation: OrNull,
        skew: OrNull,
        min: OrNull,
        max: OrNull,
        quantiles: Type.Record(Type.String(), OrNull, { description: 'Probability → quantile of the errors.' }),
      },
      { description: 'How the errors truth − prediction are spread.' },
    ),
    baselines: Type.Array(
      Type.Object(
        { baseline: Type.String(), scores: NumberScoresSchema, mseSkill: Interval, maeGain: Interval },
        { description: 'The model against a forecast without skill, on the same rows; above zero is better.' },
      ),
    ),
    strongestBaseline: Type.String({ description: 'The baseline with the lowest mean squared error.' }),
    slices: Type.Array(
      Type.Object({
        slice: Type.String(),
        rows: Type.Integer(),
        rmse: Type.Number(),
        bias: Type.Number(),
        excessMse: Type.Number({ description: 'Mean squared error of the slice minus that of all rows.' }),
        pValueAdjusted: OrNull,
      }),
      { description: 'Worst first.' },
    ),
    bootstrap: Type.Object({ resamples: Type.Integer(), blockRows: Type.Integer(), seed: Type.Integer() }),
    question: Type.Optional(QuestionSchema),
    createdAtMs: Type.Integer({ description: 'Milliseconds since the Unix epoch, UTC.' }),
  },
  {
    title: 'RegressionReport',
    description: 'How good a model of numbers is on rows it has not seen, against forecasts without skill.',
  },
);
export type RegressionReportView = Static<typeof RegressionReportSchema>;

/** A report of classes has no `task`. */
export const AnyEvaluationReportSchema = Type.Union([RegressionReportSchema, EvaluationReportSchema], {
  description: 'A report of a classifier, or with `task: regression` of a model of numbers.',
});
export type AnyEvaluationReportView = Static<typeof AnyEvaluationReportSchema>;

/** `with` of the built-in step `evaluate`. */
export const EvaluateStepSchema = Type.Object(
  {
    part: Type.String({ minLength: 1, description: 'The part of the split to judge on.' }),
    trainPart: Type.String({ minLength: 1, description: 'The part that the baselines learn from.' }),
    baselines: BaselineSpecsSchema,
    sliceColumns: Type.Optional(Type.Array(Text, { description: 'Default: the inputs of the model.' })),
    minSliceRows: Type.Optional(Type.Integer({ minimum: 2 })),
    resamples: Type.Optional(Type.Integer({ minimum: 1000, maximum: 100_000, description: 'Default 2000.' })),
  },
  { ...closed, description: 'Judge a packaged model on rows it has not seen.' },
);
export type EvaluateStep = Static<typeof EvaluateStepSchema>;
