import { ROLES } from '@fairlead/kernel';
import { Type } from 'typebox';
import { GATE_KINDS, GateSchema } from './gates-contract.js';
import { byKind, closed, DurationSchema, natural, ofKind, positive, share } from './project-shapes.js';

// How models reach production, as a project declares it: who signs, how a release rolls out, what environments ask for.

/** What a person or program may be. */
export const RoleSchema = Type.Enum([...ROLES]);
export const ApprovalSchema = Type.Object(
  {
    required: Type.Array(Type.Object({ role: RoleSchema, count: natural }, closed)),
    excludeAuthor: Type.Optional(
      Type.Boolean({ description: 'Who asked for the release may not sign. Default true.' }),
    ),
    expiresAfter: Type.Optional(DurationSchema),
  },
  { ...closed, description: 'Who must sign.' },
);
const GuardrailsSchema = Type.Object(
  {
    maxErrorRatio: Type.Number({ minimum: 0, maximum: 1, description: 'Share of failed requests (5xx).' }),
    maxP99Ms: positive,
    maxNonFiniteRatio: share,
    maxErrorIncrease: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'Error ratio above the stable version’s, absolute.' }),
    ),
    maxRefusedIncrease: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'Share of refused inputs above the stable version’s.' }),
    ),
    maxP99Ratio: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'p99 over the stable version’s p99.' })),
    maxPredictionShift: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'Largest difference of a label’s share; of numbers, of the mean in standard deviations.',
      }),
    ),
    maxAccuracyDrop: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'Accuracy by late truth below the stable version’s.' }),
    ),
    maxRewardDrop: Type.Optional(
      Type.Number({ minimum: 0, description: 'Mean reward below the stable version’s, in its units.' }),
    ),
    fairness: Type.Optional(
      Type.Object(
        { column: Type.String(), label: Type.String(), maxDifference: share },
        { ...closed, description: 'How far the shares of a label may lie apart between groups of a column.' },
      ),
    ),
  },
  { ...closed, title: 'Guardrails', description: 'Limits that hold in every state of a rollout, pauses included.' },
);
const longestWait = {
  maxWait: Type.Optional(DurationSchema),
  onMaxWait: Type.Optional(Type.Union([Type.Literal('hold'), Type.Literal('rollback')])),
};
const MetricSchema = Type.Union([Type.Literal('accuracy'), Type.Literal('reward')], {
  description: 'The share of right labels by late truth, or the mean of posted rewards.',
});
const ARMS =
  'Versions of the endpoint’s model that take part beside the candidate and the live one, by number or alias (as it points when the rollout starts). Each needs an approval of its own.';
const ArmSchema = Type.Union([
  Type.Integer({ minimum: 1, maximum: 2147483647 }),
  Type.String({ minLength: 1, maxLength: 255 }),
]);
/** Arms as somebody names them who starts a rollout: how many may be is for the rules to say. */
export const NamedArmsSchema = Type.Array(ArmSchema, {
  maxItems: 100,
  description: `${ARMS} In the place of those of the policy.`,
});
export const RolloutSchema = byKind(
  'How a signed release reaches production.',
  [
    ofKind('all-at-once'),
    ofKind('shadow', { guardrails: Type.Optional(GuardrailsSchema) }),
    ofKind('canary', {
      steps: Type.Array(
        Type.Object(
          { weight: Type.Number({ exclusiveMinimum: 0, maximum: 1 }), minRequests: Type.Integer({ minimum: 0 }) },
          closed,
        ),
        { minItems: 1 },
      ),
      guardrails: GuardrailsSchema,
      advance: Type.Optional(Type.Union([Type.Literal('auto'), Type.Literal('manual')])),
      ...longestWait,
    }),
    ofKind('blue-green', {
      hold: Type.Optional(DurationSchema),
      minRequests: Type.Optional(Type.Integer({ minimum: 0 })),
      guardrails: GuardrailsSchema,
      ...longestWait,
    }),
    ofKind('ab-test', {
      weight: Type.Optional(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 })),
      metric: MetricSchema,
      baseline: Type.Optional(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 })),
      standardDeviation: Type.Optional(positive),
      effect: positive,
      alpha: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 0.5 })),
      power: Type.Optional(Type.Number({ minimum: 0.5, exclusiveMaximum: 1 })),
      onNoDifference: Type.Optional(
        Type.Union([Type.Literal('hold'), Type.Literal('rollback'), Type.Literal('promote')]),
      ),
      guardrails: GuardrailsSchema,
      ...longestWait,
    }),
    ofKind('bandit', {
      arms: Type.Optional(Type.Array(ArmSchema, { maxItems: 8, description: ARMS })),
      algorithm: Type.Optional(Type.Union([Type.Literal('thompson'), Type.Literal('epsilon-greedy')])),
      epsilon: Type.Optional(share),
      floor: Type.Optional(Type.Number({ minimum: 0, maximum: 0.5 })),
      metric: MetricSchema,
      redraw: Type.Optional(DurationSchema),
      endAt: Type.Optional(Type.Number({ minimum: 0.5, exclusiveMaximum: 1 })),
      minRewards: Type.Optional(natural),
      guardrails: GuardrailsSchema,
      ...longestWait,
    }),
  ],
  'Rollout',
);

export const WaiverPolicySchema = Type.Object(
  {
    roles: Type.Array(Type.Enum(['qa', 'product-owner', 'risk-manager']), {
      minItems: 1,
      description: 'Roles whose people may waive a gate. Who asked for the release or made the model never may.',
    }),
    longest: Type.Optional(DurationSchema),
    never: Type.Optional(Type.Array(Type.Enum([...GATE_KINDS]), { description: 'Gates that nobody may waive.' })),
  },
  {
    ...closed,
    title: 'WaiverPolicy',
    description: 'Who may let a release go on although a gate did not pass, and for how long. Absent: nobody.',
  },
);

const RollbackWindow = {
  ...DurationSchema,
  description:
    'How long after a switch the former version stays in memory; 0 until the next one. Absent: `rollbackWindowMs` of the server.',
};

export const EnvironmentDeclarationSchema = Type.Object(
  {
    description: Type.Optional(Type.String()),
    approval: Type.Enum(['required', 'none'], {
      description: 'required: only what a release approved for this place is loaded. none: whoever may deploy may.',
    }),
    policy: Type.Optional(
      Type.Object(
        {
          gates: Type.Optional(Type.Array(GateSchema, { minItems: 1 })),
          approval: Type.Optional(ApprovalSchema),
          rollout: Type.Optional(RolloutSchema),
          waivers: Type.Optional(WaiverPolicySchema),
          rollbackWindow: Type.Optional(RollbackWindow),
        },
        { ...closed, description: 'What takes the place of the release policy of each endpoint here, part by part.' },
      ),
    ),
  },
  { ...closed, description: 'A place where models serve, beside test and production.' },
);

export const ReleasePolicyDeclarationSchema = Type.Object(
  {
    gates: Type.Array(GateSchema, { minItems: 1 }),
    approval: ApprovalSchema,
    rollout: RolloutSchema,
    waivers: Type.Optional(WaiverPolicySchema),
    rollbackWindow: Type.Optional(RollbackWindow),
  },
  {
    ...closed,
    title: 'ReleasePolicyDeclaration',
    description: 'The way of a model into production.',
    examples: [
      {
        gates: [{ kind: 'contract' }, { kind: 'beats-baseline', margin: 0 }],
        approval: { required: [{ role: 'qa', count: 1 }] },
        rollout: { kind: 'all-at-once' },
      },
    ],
  },
);
