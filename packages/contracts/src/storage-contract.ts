import { type Static, Type } from 'typebox';

const Count = Type.Integer({ minimum: 0 });

export const CollectStorageSchema = Type.Object(
  {
    dryRun: Type.Optional(Type.Boolean({ default: true, description: 'Only say what would go.' })),
    graceHours: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 87_600,
        default: 168,
        description: 'What was written or named again more recently stays, whoever refers to it.',
      }),
    ),
  },
  { additionalProperties: false, description: 'What to remove.', examples: [{ dryRun: true, graceHours: 168 }] },
);

export const CollectionReportSchema = Type.Object(
  {
    dryRun: Type.Boolean(),
    objects: Count,
    sizeBytes: Count,
    held: Type.Integer({ minimum: 0, description: 'Something refers to them.' }),
    young: Type.Integer({
      minimum: 0,
      description: 'Nothing refers to them yet, but they are within the time of grace.',
    }),
    removed: Type.Integer({ minimum: 0, description: 'Gone, or in a dry run what would go.' }),
    removedBytes: Count,
  },
  { description: 'What was found among the stored bytes.' },
);
export type CollectionReportView = Static<typeof CollectionReportSchema>;
