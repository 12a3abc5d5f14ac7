import { Type } from 'typebox';
import { byKind, closed, DurationSchema, Name, natural, ofKind, positive, share } from './project-shapes.js';

const disturbance = {
  maxChangedRatio: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, description: 'Share of predictions that may change.' }),
  ),
  maxLoss: Type.Optional(
    Type.Number({
      minimum: 0,
      description: 'Loss of accuracy; of numbers growth of the mean absolute error as a share.',
    }),
  ),
};
export const GATE_KINDS = [
  'contract',
  'beats-baseline',
  'not-worse-than-live',
  'onnx-parity',
  'slices',
  'calibration',
  'fairness',
  'robustness',
  'reproduction',
  'documentation',
  'load-trial',
  'command',
] as const;

export const GateSchema = byKind(
  'A test that a model must pass before people are asked to sign.',
  [
    ofKind('contract'),
    ofKind('beats-baseline', { margin: Type.Number() }),
    ofKind('not-worse-than-live', {
      margin: Type.Number({ description: 'Of Brier score; of numbers a share of the live version’s error.' }),
      loss: Type.Optional(Type.Enum(['squared', 'absolute'], { description: 'Error of numbers. Default squared.' })),
    }),
    ofKind('onnx-parity', { maxAbsDifference: positive }),
    ofKind('slices', {
      maxExcessBrier: Type.Optional(positive),
      maxRmseRatio: Type.Optional(
        Type.Number({ minimum: 1, description: 'Of numbers: RMSE of a slice over that of all rows.' }),
      ),
      minRows: natural,
    }),
    ofKind('calibration', {
      maxEce: Type.Optional(positive),
      maxBias: Type.Optional(
        Type.Number({ exclusiveMinimum: 0, description: 'Of numbers: mean error either way, in units of the target.' }),
      ),
    }),
    ofKind('fairness', {
      columns: Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        maxItems: 20,
        description: 'Protected columns of the rows that the version is evaluated on; the model need not read them.',
      }),
      label: Type.Optional(Type.String({ description: 'What counts as selected. Default: the last label.' })),
      threshold: Type.Optional(Type.Number({ description: 'Of numbers: selected from here on.' })),
      minGroupRows: Type.Optional(
        Type.Integer({ minimum: 1, description: 'Smaller groups are named and not judged. Default 30.' }),
      ),
      maxSelectionDifference: Type.Optional(share),
      minSelectionRatio: Type.Optional(share),
      maxTprDifference: Type.Optional(share),
      minTprRatio: Type.Optional(share),
      maxFprDifference: Type.Optional(share),
    }),
    ofKind('robustness', {
      noise: Type.Optional(
        Type.Object(
          {
            share: Type.Number({
              exclusiveMinimum: 0,
              description: 'Of the standard deviation of each numeric input.',
            }),
            ...disturbance,
          },
          closed,
        ),
      ),
      missing: Type.Optional(Type.Object(disturbance, closed)),
      outOfRange: Type.Optional(Type.Object(disturbance, closed)),
      rows: Type.Optional(Type.Integer({ minimum: 10, maximum: 10_000, description: 'Default 500.' })),
      seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295 })),
    }),
    ofKind('reproduction', {
      level: Type.Enum(['same-bytes', 'same-predictions', 'same-metrics']),
      timeout: Type.Optional({
        ...DurationSchema,
        description: 'Where nobody has done the run again, the gate does and waits so long. Absent: it only looks.',
      }),
    }),
    ofKind('documentation', {
      minCompleteness: Type.Optional(share),
      fields: Type.Optional(
        Type.Array(Type.String({ pattern: '^[^/]+/[^/]+$' }), {
          description: 'Fields of the model card that must be filled: Section/Name.',
        }),
      ),
    }),
    ofKind('load-trial', {
      requests: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
      concurrency: Type.Integer({ minimum: 1, maximum: 1_000 }),
      ratePerSecond: Type.Optional(
        Type.Number({
          exclusiveMinimum: 0,
          description:
            'Requests are due at this rate, and latencies count from then. Absent: callers wait for answers.',
        }),
      ),
      maxP99Ms: positive,
      maxP95Ms: Type.Optional(positive),
      maxP50Ms: Type.Optional(positive),
      minThroughput: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'Answers per second.' })),
      maxMemoryGrowthMb: positive,
    }),
    ofKind('command', {
      name: Name,
      timeout: Type.Optional(DurationSchema),
    }),
  ],
  'Gate',
);
