import { type Static, Type } from 'typebox';
import { NamedArmsSchema, RoleSchema } from './release-policy-contract.js';

const closed = { additionalProperties: false } as const;
const Ms = Type.Integer({ description: 'Milliseconds since the Unix epoch, UTC.' });
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const EnvironmentName = Type.String({ minLength: 1, maxLength: 100, description: 'Default: production.' });
export const RELEASE_STATES = [
  'testing',
  'gates-failed',
  'awaiting-approval',
  'approved',
  'rolling-out',
  'released',
  'rejected',
  'expired',
  'rolled-back',
  'withdrawn',
  'superseded',
  'failed',
] as const;

export const IntervalSchema = Type.Object(
  { estimate: Type.Number(), lower: Type.Number(), upper: Type.Number(), confidence: Type.Number() },
  { title: 'Interval', description: 'A point estimate with its interval; `confidence` is a ratio.' },
);

export const GateResultSchema = Type.Object(
  {
    kind: Type.String(),
    type: Type.Optional(Type.String({ description: 'Gate type and its version, for example fairness@1.' })),
    parameters: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'What the policy asks of the gate.' }),
    ),
    title: Type.String(),
    verdict: Type.Enum(['pass', 'fail', 'insufficient']),
    observed: Type.String(),
    required: Type.String(),
    interval: Type.Optional(IntervalSchema),
    evidence: Type.Record(Type.String(), Type.Unknown()),
  },
  { title: 'GateResult', description: 'What one gate or guardrail saw and decided.' },
);

export const SignatureSchema = Type.Object(
  {
    person: Type.String(),
    role: RoleSchema,
    meaning: Type.Enum(['approved', 'rejected']),
    comment: Type.String(),
    atMs: Ms,
    over: Type.String({ description: 'sha256 over the digests of model, gate report and policy.' }),
  },
  {
    title: 'Signature',
    description: 'A named person’s word for or against exactly these bytes under exactly this policy.',
  },
);

export const WaiverSchema = Type.Object(
  {
    gate: Type.Integer({ description: 'Place of the gate in `gates`, from 0.' }),
    kind: Type.String(),
    person: Type.String(),
    role: RoleSchema,
    reason: Type.String(),
    atMs: Ms,
    expiresAtMs: Ms,
    over: Type.String({ description: 'sha256 over the digests of model, gate report and policy, and the gate.' }),
  },
  {
    title: 'Waiver',
    description: 'A named person’s word that the release may go on although this gate did not pass, until a day.',
  },
);

const ArmCountsSchema = Type.Object({
  requests: Type.Integer(),
  errors: Type.Integer(),
  refused: Type.Integer(),
  nonFiniteOutputs: Type.Integer(),
  p99Ms: Type.Number(),
});

const ArmSizesSchema = Type.Object({ candidate: Type.Number(), stable: Type.Number() });

const ExperimentSchema = Type.Object(
  {
    plan: Type.Optional(ArmSizesSchema),
    observed: Type.Optional(ArmSizesSchema),
    sampleRatioP: Type.Optional(
      Type.Number({ description: 'p-value of the shares that both got, against the planned ones.' }),
    ),
    result: Type.Optional(
      OrNull(
        Type.Object({ pValue: Type.Number(), difference: IntervalSchema }, { description: 'Null before the horizon.' }),
      ),
    ),
    candidateBest: Type.Optional(Type.Number({ description: 'Probability that the candidate is the best one.' })),
    weight: Type.Optional(Type.Number({ description: 'Share that a bandit draws for the candidate.' })),
    arms: Type.Optional(
      Type.Array(
        Type.Object({
          role: Type.Enum(['candidate', 'stable', 'other']),
          version: Type.Optional(Type.Integer({ description: 'Of a further arm.' })),
          observed: Type.Number(),
          best: Type.Number(),
          weight: Type.Number(),
        }),
        { description: 'What a bandit has seen of each version that takes part, and the share that it draws.' },
      ),
    ),
    pairs: Type.Optional(Type.Integer({ description: 'Rows that both answered.' })),
    agreeing: Type.Optional(Type.Integer({ description: 'Those with the same label.' })),
    meanProbabilityDifference: Type.Optional(OrNull(Type.Number())),
    largestProbabilityDifference: Type.Optional(OrNull(Type.Number())),
  },
  {
    title: 'Experiment',
    description:
      'What has been seen: an A/B test has plan, observed, sampleRatioP and result; a bandit observed, candidateBest and weight; a shadow pairs and how they agree.',
  },
);

const BanditArmSchema = Type.Object(
  {
    version: Type.Integer(),
    role: Type.Enum(['candidate', 'stable', 'other']),
    share: Type.Number({ description: 'Of the requests; since the bandit ended 1 for the version that stayed.' }),
    rewards: OrNull(Type.Number({ description: 'That have arrived; null until they were counted.' })),
    best: OrNull(Type.Number({ description: 'Probability to be the best of those that take part.' })),
    guardrails: Type.Array(GateResultSchema, { description: 'Of the stable version: none.' }),
    takenOut: OrNull(Type.Object({ reason: Type.String(), atMs: Ms }, { description: 'By a guardrail that failed.' })),
    releaseId: OrNull(Type.String({ description: 'Whose approval it serves by; null of the stable version.' })),
  },
  { title: 'BanditArm', description: 'One version of a bandit with its share, which is its propensity.' },
);

export const ReleaseSchema = Type.Object(
  {
    id: Type.String(),
    revision: Type.Integer(),
    endpoint: Type.String(),
    environment: Type.String({ description: 'Where it is to serve.' }),
    model: Type.String(),
    version: Type.Integer(),
    modelDigest: Type.String(),
    configurationDigest: OrNull(Type.String({ description: 'Of the way it was served when its gates ran.' })),
    policyDigest: Type.String(),
    gateReportDigest: OrNull(Type.String()),
    gates: Type.Array(GateResultSchema),
    waivers: Type.Optional(Type.Array(WaiverSchema)),
    state: Type.Enum([...RELEASE_STATES]),
    waitingFor: OrNull(Type.String({ description: 'What is missing now, in words.' })),
    endedBecause: OrNull(Type.String({ description: 'Why it ended as it did, in words.' })),
    signatures: Type.Array(SignatureSchema),
    testDeploymentId: OrNull(Type.String()),
    productionDeploymentId: OrNull(Type.String()),
    rollout: OrNull(
      Type.Object({
        step: Type.Integer(),
        weight: Type.Number(),
        sinceMs: Ms,
        startedAtMs: Type.Optional(Ms),
        guardrails: Type.Array(GateResultSchema),
        spec: Type.Record(Type.String(), Type.Unknown(), { description: 'The rollout of the policy that was signed.' }),
        note: Type.String(),
        paused: Type.Optional(
          OrNull(
            Type.Object(
              { by: Type.String(), reason: Type.String(), sinceMs: Ms },
              { description: 'Somebody stopped it where it is; its guardrails are watched all the same.' },
            ),
          ),
        ),
        pausedMs: Type.Optional(Type.Number({ description: 'Ended pauses, in milliseconds.' })),
        stepPausedMs: Type.Optional(Type.Number({ description: 'Those of this step.' })),
        experiment: Type.Optional(ExperimentSchema),
        carried: Type.Optional(
          Type.Object(
            { candidate: ArmCountsSchema, stable: OrNull(ArmCountsSchema) },
            { description: 'Counts under former shares of a bandit.' },
          ),
        ),
        stableVersion: Type.Optional(Type.Integer({ description: 'The version to go back to.' })),
        winner: Type.Optional(Type.Integer({ description: 'The version that stayed when a bandit ended.' })),
        arms: Type.Optional(
          Type.Array(BanditArmSchema, { description: 'Of a bandit: candidate, stable version, then the others.' }),
        ),
      }),
    ),
    armOf: Type.Optional(OrNull(Type.String({ description: 'The release in whose bandit the version takes part.' }))),
    requestedBy: Type.String(),
    reason: Type.String(),
    releasedAtMs: OrNull(Ms),
    createdAtMs: Ms,
    updatedAtMs: Ms,
  },
  { title: 'Release', description: 'The way of one model version into an endpoint’s production.' },
);
export type ReleaseView = Static<typeof ReleaseSchema>;

const WaiverRulesSchema = Type.Object(
  {
    roles: Type.Array(RoleSchema),
    maxHours: Type.Number({ description: 'No waiver lasts longer.' }),
    never: Type.Array(Type.String()),
  },
  { description: 'Who may let a release go on although a gate did not pass. Null or absent: nobody.' },
);

export const ReleasePolicySchema = Type.Object(
  {
    endpoint: Type.String(),
    gates: Type.Array(
      Type.Record(Type.String(), Type.Unknown(), { description: 'As in the project file; times in milliseconds.' }),
    ),
    approval: Type.Object({
      required: Type.Array(Type.Object({ role: RoleSchema, count: Type.Integer() })),
      excludeAuthor: Type.Boolean(),
      expiresAfterHours: Type.Number(),
    }),
    rollout: Type.Record(Type.String(), Type.Unknown()),
    waivers: Type.Optional(WaiverRulesSchema),
    rollbackWindowMs: Type.Optional(
      Type.Number({
        description: 'How long after a switch the former version stays in memory. Absent: as the server says.',
      }),
    ),
    digest: Type.String(),
  },
  { title: 'ReleasePolicy', description: 'Gates, signatures and rollout of an endpoint.' },
);

export const ReleasePlanSchema = Type.Object(
  {
    endpoint: Type.String(),
    environment: Type.String(),
    model: Type.String(),
    version: Type.Integer(),
    modelDigest: Type.String(),
    policyDigest: Type.String(),
    live: OrNull(Type.Integer({ description: 'The version with the largest share now.' })),
    gates: Type.Array(Type.Object({ type: Type.String(), parameters: Type.Record(Type.String(), Type.Unknown()) })),
    signatures: Type.Array(Type.Object({ role: RoleSchema, count: Type.Integer() })),
    mayNotSign: Type.Array(Type.String()),
    expiresAfterHours: Type.Number({ description: 'How long the approval counts, from the quorum on.' }),
    waivers: OrNull(WaiverRulesSchema),
    rollout: Type.Record(Type.String(), Type.Unknown()),
    sampleSize: OrNull(
      Type.Object(
        { candidate: Type.Integer(), stable: Type.Integer() },
        { description: 'Observations that an A/B test would wait for.' },
      ),
    ),
    supersedes: Type.Array(Type.String({ description: 'Releases that would give way.' })),
    inTheWay: Type.Array(Type.String({ description: 'What would keep it from starting or passing.' })),
  },
  { description: 'What a release would go through.' },
);
export type ReleasePolicyView = Static<typeof ReleasePolicySchema>;
export const DeclaredPolicySchema = Type.Object({ policy: ReleasePolicySchema, changed: Type.Boolean() });
export type ReleasePlanView = Static<typeof ReleasePlanSchema>;

const PolicyPart = Type.Record(Type.String(), Type.Unknown());
export const EnvironmentSchema = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    approval: Type.Enum(['required', 'none']),
    policy: Type.Object(
      {
        gates: Type.Optional(Type.Array(PolicyPart)),
        approval: Type.Optional(PolicyPart),
        rollout: Type.Optional(PolicyPart),
        waivers: Type.Optional(PolicyPart),
        rollbackWindowMs: Type.Optional(Type.Number()),
      },
      { description: 'What takes the place of the policy of each endpoint here.' },
    ),
  },
  { title: 'Environment', description: 'A place where models serve.' },
);
export type EnvironmentView = Static<typeof EnvironmentSchema>;
export const DeclaredEnvironmentSchema = Type.Object({ environment: EnvironmentSchema, changed: Type.Boolean() });

export const WithdrawSchema = Type.Object(
  {
    environment: Type.String({ minLength: 1, maxLength: 100 }),
    reason: Type.String({ minLength: 1, maxLength: 2_000 }),
  },
  { ...closed, examples: [{ environment: 'sandbox', reason: 'tried, and not needed any more' }] },
);

export const RequestReleaseSchema = Type.Object(
  {
    endpoint: Type.String({ minLength: 1, maxLength: 100 }),
    environment: Type.Optional(EnvironmentName),
    version: Type.Integer({ minimum: 1, maximum: 2147483647 }),
    reason: Type.String({ minLength: 1, maxLength: 2_000 }),
    beside: Type.Optional(
      Type.Boolean({
        description:
          'Other versions that were asked for do not give way, so that several can be approved for one bandit. Default false.',
      }),
    ),
  },
  { ...closed, examples: [{ endpoint: 'rain', version: 2, reason: 'trained on two more years' }] },
);
export const SignReleaseSchema = Type.Object(
  {
    meaning: Type.Enum(['approved', 'rejected']),
    role: RoleSchema,
    comment: Type.String({ maxLength: 4_000 }),
  },
  { ...closed, examples: [{ meaning: 'approved', role: 'qa', comment: 'gates read, slices fine' }] },
);
export const WaiveGateSchema = Type.Object(
  {
    gate: Type.String({ minLength: 1, maxLength: 100, description: 'Kind of the gate, for example slices.' }),
    place: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000,
        description: 'Its place among the gates, from 1, when several are of this kind.',
      }),
    ),
    role: RoleSchema,
    reason: Type.String({ minLength: 1, maxLength: 4_000 }),
    expiresAtMs: Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000, description: 'When the waiver ends.' }),
  },
  {
    ...closed,
    examples: [{ gate: 'slices', role: 'risk-manager', reason: 'snow is rare here', expiresAtMs: 1_767_225_600_000 }],
  },
);
export const StartRolloutSchema = Type.Object(
  { arms: Type.Optional(NamedArmsSchema) },
  { ...closed, examples: [{ arms: [3, 'challenger'] }] },
);
export const AdvanceReleaseSchema = Type.Object(
  {
    force: Type.Optional(
      Type.Boolean({ description: 'Go on before the minimum of requests; guardrails still count.' }),
    ),
  },
  closed,
);
export const PauseRolloutSchema = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 2_000 }) },
  { ...closed, examples: [{ reason: 'a sale is on until Monday' }] },
);
export const RollBackSchema = Type.Object(
  {
    environment: Type.Optional(EnvironmentName),
    toVersion: Type.Optional(Type.Integer({ minimum: 1, maximum: 2147483647 })),
    reason: Type.String({ minLength: 1, maxLength: 2_000 }),
  },
  { ...closed, examples: [{ reason: 'complaints since noon' }] },
);
