import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const Ms = Type.Integer({ description: 'Milliseconds since the Unix epoch, UTC.' });
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Name = Type.String({ minLength: 1, maxLength: 100 });
const Count = Type.Integer({ minimum: 0 });
const VerdictSchema = Type.Enum(['pass', 'fail', 'insufficient'], { description: 'Too few rows are insufficient.' });
const DriftVerdictSchema = Type.Enum(['drift', 'no-drift', 'insufficient'], {
  description: 'Drift needs an effect of the stated size and significance.',
});

export const ALERT_STATES = ['open', 'acknowledged', 'resolved'] as const;

export const MonitorSpecSchema = Type.Object(
  {
    endpoint: Name,
    environment: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Default `production`.' })),
    windowRows: Type.Integer({
      minimum: 1,
      maximum: 50_000,
      description: 'The last so many answered rows are compared.',
    }),
    minRows: Type.Integer({ minimum: 1, maximum: 50_000, description: 'Below this the verdict is `insufficient`.' }),
    reference: Type.Enum(['training', 'same-season'], {
      description: '`same-season`: training rows of the window’s part of the year, ± 15 days.',
    }),
    everyRows: Type.Integer({
      minimum: 0,
      maximum: 2_147_483_647,
      description: 'Check again after so many new rows; 0: only when asked.',
    }),
    drift: Type.Object(
      {
        alpha: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'False discovery rate.' }),
        minEffect: Type.Number({ exclusiveMinimum: 0, description: 'Smallest effect that counts.' }),
        confirm: Type.Optional(
          Type.Object(
            { checks: Type.Integer({ minimum: 1, maximum: 10 }), of: Type.Integer({ minimum: 1, maximum: 10 }) },
            {
              ...closed,
              description:
                'Drift must show in so many of the last so many checks before an alert that is not critical opens; 2 of 2 when absent.',
            },
          ),
        ),
      },
      closed,
    ),
    performance: Type.Optional(
      Type.Object(
        {
          metric: Type.Enum(['accuracy', 'brier']),
          worseBy: Type.Number({ minimum: 0, maximum: 1, description: 'How much worse than promised is too much.' }),
        },
        closed,
      ),
    ),
    service: Type.Optional(
      Type.Object(
        {
          maxErrorRatio: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'Default 0.05.' })),
          maxP95Ms: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'Default 1000.' })),
        },
        closed,
      ),
    ),
  },
  {
    ...closed,
    description: 'What a monitor looks at.',
    examples: [
      {
        endpoint: 'rain',
        windowRows: 60,
        minRows: 30,
        reference: 'same-season',
        everyRows: 30,
        drift: { alpha: 0.01, minEffect: 0.1 },
        performance: { metric: 'accuracy', worseBy: 0.05 },
      },
    ],
  },
);

export const MonitorSchema = Type.Object(
  { name: Type.String(), spec: MonitorSpecSchema, updatedAtMs: Ms },
  { description: 'A declared monitor.' },
);
export type MonitorView = Static<typeof MonitorSchema>;

export const ColumnCheckSchema = Type.Object(
  {
    column: Type.String(),
    rows: Count,
    missing: Count,
    unseen: Type.Integer({ minimum: 0, description: 'Rows of a category that training never had.' }),
    outOfRange: Type.Integer({ minimum: 0, description: 'Rows outside the range of training.' }),
    drift: Type.Object({
      test: Type.String(),
      statistic: OrNull(Type.Number()),
      pValue: OrNull(Type.Number({ description: 'Null when the rows are too few for a test.' })),
      pValueAdjusted: OrNull(Type.Number({ description: 'After Benjamini–Hochberg over the columns.' })),
      effect: OrNull(Type.Number()),
      effectName: Type.String(),
      verdict: DriftVerdictSchema,
      evidence: Type.String({ description: 'What moved, in words.' }),
      effectiveRows: Type.Number({ description: 'Independent rows that the window is worth.' }),
    }),
  },
  { title: 'ColumnCheck', description: 'One column of the window against the reference.' },
);

export const WindowIntervalSchema = Type.Object(
  { estimate: Type.Number(), lower: Type.Number(), upper: Type.Number(), confidence: Type.Number() },
  { description: 'A share with its Wilson interval.' },
);

export const PerformanceWindowSchema = Type.Object(
  {
    version: Type.Integer(),
    fromMs: Ms,
    untilMs: Ms,
    rows: Count,
    withTruth: Count,
    accuracy: OrNull(WindowIntervalSchema),
    brier: OrNull(Type.Number()),
    expectedAccuracy: OrNull(Type.Number({ description: 'What the evaluation of the version promised.' })),
    expectedBrier: OrNull(Type.Number()),
    verdict: VerdictSchema,
  },
  { description: 'Predictions that met their truth, against what the evaluation promised.' },
);
export type PerformanceWindowView = Static<typeof PerformanceWindowSchema>;

export const MonitorReportSchema = Type.Object(
  {
    id: Type.String(),
    monitor: Type.String(),
    endpoint: Type.String(),
    environment: Type.String(),
    version: Type.Integer(),
    windowRows: Count,
    fromMs: OrNull(Ms),
    untilMs: OrNull(Ms),
    reference: Type.String({ description: 'What the window was compared with, in words.' }),
    integrity: VerdictSchema,
    driftVerdict: DriftVerdictSchema,
    drifted: Type.Object({ columns: Count, judged: Count }),
    columns: Type.Array(ColumnCheckSchema),
    output: OrNull(ColumnCheckSchema),
    performance: OrNull(PerformanceWindowSchema),
    service: Type.Object({
      requests: Count,
      errorRatio: Type.Number(),
      p50Ms: Type.Number(),
      p95Ms: Type.Number(),
      p99Ms: Type.Number(),
    }),
    createdAtMs: Ms,
  },
  { title: 'CheckReport', description: 'What one check of a monitor saw.' },
);
export type MonitorReportView = Static<typeof MonitorReportSchema>;

export const PostTruthSchema = Type.Object(
  {
    rows: Type.Array(
      Type.Object(
        {
          id: Type.String({ minLength: 1, maxLength: 200, description: 'Id of the prediction.' }),
          label: Type.String({ minLength: 1, maxLength: 1_000, description: 'What came true: a label of the model.' }),
          observedAtMs: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 8_640_000_000_000_000,
              description: 'When it became known; default now.',
            }),
          ),
        },
        closed,
      ),
      { minItems: 1, maxItems: 10_000 },
    ),
  },
  {
    ...closed,
    description: 'Ground truth for predictions: late, in parts, or again with a correction.',
    examples: [{ rows: [{ id: '2015-01-01', label: 'true' }] }],
  },
);

export const PostRewardsSchema = Type.Object(
  {
    rows: Type.Array(
      Type.Object(
        {
          id: Type.String({ minLength: 1, maxLength: 200, description: 'Id of the prediction.' }),
          value: Type.Number({ description: 'What it was worth; more is better.' }),
          observedAtMs: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 8_640_000_000_000_000,
              description: 'When it became known; default now.',
            }),
          ),
        },
        closed,
      ),
      { minItems: 1, maxItems: 10_000 },
    ),
  },
  {
    ...closed,
    description: 'What predictions were worth to the business: late, in parts, or again with a correction.',
    examples: [{ rows: [{ id: 'basket-17/0', value: 12.5 }] }],
  },
);

export const TruthOutcomeSchema = Type.Object(
  {
    accepted: Type.Integer({ description: 'New ids.' }),
    corrected: Type.Integer({ description: 'Ids whose label was replaced.' }),
    unchanged: Type.Integer(),
    unmatched: Type.Integer({ description: 'Ids without a known prediction; kept, it may still arrive.' }),
  },
  { description: 'What became of posted truth.' },
);

export const AlertSchema = Type.Object(
  {
    id: Type.String(),
    monitor: Type.String(),
    endpoint: Type.String(),
    kind: Type.Enum(['drift', 'integrity', 'performance', 'errors', 'latency']),
    severity: Type.Enum(['warning', 'critical']),
    state: Type.Enum([...ALERT_STATES]),
    title: Type.String(),
    evidence: Type.String(),
    reportId: Type.String(),
    openedAtMs: Ms,
    updatedAtMs: Ms,
    resolvedAtMs: OrNull(Ms),
    acknowledgedBy: OrNull(Type.String()),
  },
  { description: 'Something a monitor found that needs attention.' },
);
export type AlertView = Static<typeof AlertSchema>;
