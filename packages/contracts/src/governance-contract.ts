import { type Static, Type } from 'typebox';

const Ms = Type.Integer({ description: 'Milliseconds since the Unix epoch, UTC.' });
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'sha256, 64 lower-case hex digits.' });

export const AuditEventSchema = Type.Object(
  {
    seq: Type.Integer({ description: 'Place in the log: 1, 2, 3 … without a gap.' }),
    id: Type.String(),
    atMs: Ms,
    type: Type.String({ examples: ['release.signed'] }),
    subject: Type.Object({ kind: Type.String(), id: Type.String() }, { description: 'What the entry is about.' }),
    actor: Type.Object(
      {
        kind: Type.Enum(['user', 'service', 'system', 'automation']),
        id: Type.String(),
        roles: Type.Array(Type.String()),
        authenticated: Type.Boolean(),
      },
      { description: 'Who did it, with the roles held at that time.' },
    ),
    outcome: Type.Enum(['ok', 'denied', 'error'], { description: '`denied` and `error` changed nothing.' }),
    requestId: Type.Union([Type.String(), Type.Null()]),
    payload: Type.Unknown({ description: 'The facts of this type of event; see docs/reference/events.md.' }),
    before: Type.Optional(Type.Unknown({ description: 'The subject before the change.' })),
    after: Type.Optional(Type.Unknown({ description: 'The subject after the change.' })),
    previousHash: Sha256,
    hash: Sha256,
  },
  { description: 'One entry of the append-only audit log.' },
);
export type AuditEventView = Static<typeof AuditEventSchema>;

export const AuditVerificationSchema = Type.Union(
  [
    Type.Object({
      verdict: Type.Literal('intact'),
      entries: Type.Integer(),
      headHash: Type.String({ description: 'Note it elsewhere: with it a cut tail can be found later.' }),
    }),
    Type.Object({
      verdict: Type.Literal('tampered'),
      seq: Type.Integer({ description: 'The first entry that does not stand as it was written.' }),
      problem: Type.Enum(['hash-mismatch', 'broken-chain', 'gap', 'truncated', 'rewritten']),
    }),
  ],
  { description: 'Whether every entry of the audit log stands as it was written.' },
);
export type AuditVerificationView = Static<typeof AuditVerificationSchema>;

export const StoredReportSchema = Type.Object(
  {
    model: Type.String(),
    version: Type.Integer(),
    digest: Sha256,
    sizeBytes: Type.Integer(),
    created: Type.Boolean({ description: 'False when this very report was stored before.' }),
  },
  { description: 'A report of a model version, kept as an object.' },
);
