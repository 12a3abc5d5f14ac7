import { type Static, Type } from 'typebox';

const Ids = (what: string, description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { minItems: 1, maxItems: 1000, title: what, description });
const Count = Type.Integer({ minimum: 0 });

export const PurgeSchema = Type.Object(
  {
    dryRun: Type.Optional(Type.Boolean({ default: true, description: 'Only say what would go.' })),
    olderThanMs: Type.Optional(
      Type.Integer({ minimum: 0, default: 0, description: 'Only what was deleted this long ago or longer.' }),
    ),
    runIds: Type.Optional(Ids('runs', 'Only these runs, and no experiment; each must be deleted.')),
    experimentIds: Type.Optional(
      Ids('experiments', 'Only in these experiments: their deleted runs, and those experiments that are deleted.'),
    ),
    experiment: Type.Optional(
      Type.String({ minLength: 1, description: 'Only in the experiments that have this name, deleted ones included.' }),
    ),
  },
  {
    additionalProperties: false,
    description: 'Which deleted things to remove for good; without conditions all of them.',
    examples: [{ dryRun: true, olderThanMs: 2_592_000_000 }],
  },
);

const PurgeReportSchema = Type.Object(
  {
    dryRun: Type.Boolean(),
    runs: Count,
    experiments: Count,
    loggedModels: Count,
    points: Count,
    files: Count,
    sizeBytes: Count,
    keptCount: Count,
    kept: Type.Array(
      Type.Object({
        kind: Type.Enum(['run', 'logged-model', 'experiment']),
        id: Type.String(),
        reason: Type.String(),
      }),
    ),
  },
  { description: 'What went, or in a dry run what would go, and the first hundred things that stay.' },
);
export type PurgeReportView = Static<typeof PurgeReportSchema>;
