import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const Ms = Type.Integer({ description: 'Milliseconds since the Unix epoch, UTC.' });
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Name = Type.String({ minLength: 1, maxLength: 100 });

export const ACTION_STATES = ['running', 'succeeded', 'failed', 'suppressed', 'dry-run'] as const;

export const ActionSpecSchema = Type.Union(
  [
    Type.Object(
      {
        kind: Type.Literal('notify'),
        url: Type.String({ minLength: 1, maxLength: 2_000 }),
        secretEnv: Type.Optional(Type.String({ description: 'Environment variable of the server with the secret.' })),
      },
      { ...closed, description: 'A POST by Standard Webhooks.' },
    ),
    Type.Object(
      {
        kind: Type.Literal('retrain'),
        pipeline: Name,
        params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      },
      { ...closed, description: 'A pipeline run; what comes out is only ever a candidate.' },
    ),
    Type.Object(
      { kind: Type.Literal('roll-back'), endpoint: Name },
      { ...closed, description: 'Back to the version before, in one switch.' },
    ),
  ],
  { description: 'What a rule does.' },
);

export const RuleSpecSchema = Type.Object(
  {
    on: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Event type, for example `monitoring.alert-opened`.',
    }),
    where: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
        description: 'Dotted path into the event (`payload.kind`, `subject.id`) → the value it must have.',
      }),
    ),
    actions: Type.Array(ActionSpecSchema, { minItems: 1, maxItems: 20 }),
    coolDownMs: Type.Integer({
      minimum: 0,
      maximum: 31_536_000_000,
      description: 'Shortest time between two of its actions on one target.',
    }),
    maxPerDay: Type.Integer({ minimum: 1, maximum: 100_000, description: 'Per target, within any 24 hours.' }),
    dryRun: Type.Boolean({ description: 'Says what it would do and does nothing.' }),
    enabled: Type.Boolean(),
  },
  {
    ...closed,
    description: 'An event and the guarded actions that answer it.',
    examples: [
      {
        on: 'monitoring.alert-opened',
        where: { 'payload.kind': 'drift' },
        actions: [{ kind: 'retrain', pipeline: 'rain' }],
        coolDownMs: 21_600_000,
        maxPerDay: 3,
        dryRun: false,
        enabled: true,
      },
    ],
  },
);

export const RuleSchema = Type.Object(
  {
    name: Type.String(),
    spec: RuleSpecSchema,
    activeSinceMs: Type.Integer({ description: 'Events before this moment do not trigger it.' }),
    updatedAtMs: Ms,
  },
  { description: 'An automation rule as it stands.' },
);
export type RuleView = Static<typeof RuleSchema>;

export const DeclaredRuleSchema = Type.Object(
  { rule: RuleSchema, changed: Type.Boolean() },
  { description: 'The rule, and whether the declaration changed it.' },
);

export const ActionRunSchema = Type.Object(
  {
    id: Type.String(),
    rule: Type.String(),
    action: ActionSpecSchema,
    state: Type.Enum([...ACTION_STATES]),
    detail: Type.String({ description: 'Why it was held back, what came out, or what went wrong.' }),
    eventSeq: Type.Integer({ description: 'Number of the event in the audit log.' }),
    eventType: Type.String(),
    result: OrNull(
      Type.Object(
        { kind: Type.String(), id: Type.String() },
        { description: 'The pipeline run or release it led to.' },
      ),
    ),
    startedAtMs: Ms,
    endedAtMs: OrNull(Ms),
  },
  { description: 'What a rule did, or would have done, about one event.' },
);
export type ActionRunView = Static<typeof ActionRunSchema>;

export const RehearseRuleSchema = Type.Object(
  { eventSeq: Type.Integer({ minimum: 1, maximum: 9_007_199_254_740_991 }) },
  { ...closed, examples: [{ eventSeq: 42 }] },
);
