import { type Static, Type } from 'typebox';
import { ColumnSpecSchema } from './project-contract.js';

const closed = { additionalProperties: false } as const;
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Ms = Type.Integer({ description: 'Milliseconds since the Unix epoch, UTC.' });
const Digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'sha256, 64 lower-case hex digits.' });
const Count = Type.Integer({ minimum: 0 });
const Sql = Type.String({
  minLength: 1,
  maxLength: 4000,
  description: 'One SQL expression over the columns of a row.',
});
const ColumnName = Type.String({ minLength: 1, maxLength: 200 });
const Path = Type.String({
  minLength: 1,
  maxLength: 4000,
  description: 'A file or folder that the server may read, an http(s) address, or `object:<digest>` of an upload.',
});
const Format = Type.Enum(['csv', 'jsonl', 'parquet']);

const CheckSpecSchema = Type.Union(
  [
    Type.Object({ name: ColumnName, kind: Type.Literal('row'), sql: Sql }, closed),
    Type.Object(
      { name: ColumnName, kind: Type.Literal('unique'), columns: Type.Array(ColumnName, { minItems: 1 }) },
      closed,
    ),
    Type.Object(
      { name: ColumnName, kind: Type.Literal('row-count'), min: Type.Optional(Count), max: Type.Optional(Count) },
      closed,
    ),
    Type.Object({ name: ColumnName, kind: Type.Literal('table'), sql: Sql }, closed),
  ],
  { description: '`row` and `unique` send rows to quarantine; `row-count` and `table` refuse the delivery.' },
);

const LabelSpecSchema = Type.Object(
  { name: ColumnName, of: ColumnName, horizonMs: Type.Integer({ minimum: 1 }) },
  { ...closed, description: 'The value of `of` for the same entity, `horizonMs` after the time of the row.' },
);

export const DatasetSpecSchema = Type.Object(
  {
    source: Type.Object(
      {
        path: Path,
        format: Type.Optional(Format),
        columns: Type.Optional(Type.Record(Type.String(), ColumnSpecSchema)),
        where: Type.Optional(Sql),
        derive: Type.Optional(Type.Record(Type.String(), Sql)),
      },
      closed,
    ),
    description: Type.Optional(Type.String()),
    time: Type.Optional(ColumnName),
    entity: Type.Optional(Type.Array(ColumnName)),
    checks: Type.Optional(Type.Array(CheckSpecSchema)),
    maxRejectedRatio: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    label: Type.Optional(LabelSpecSchema),
  },
  {
    ...closed,
    title: 'DatasetSpec',
    description: 'What a dataset is and what must be true of it.',
    examples: [
      {
        source: { path: 'weather.csv', columns: { date: { type: 'timestamp' }, wind: { type: 'number', min: 0 } } },
        time: 'date',
      },
    ],
  },
);

export const DatasetSchema = Type.Object(
  {
    name: Type.String(),
    spec: DatasetSpecSchema,
    contractDigest: Digest,
    inferredColumns: OrNull(Type.Record(Type.String(), ColumnSpecSchema)),
    latestVersionId: OrNull(Digest),
    createdAtMs: Ms,
    updatedAtMs: Ms,
  },
  {
    title: 'Dataset',
    description: 'A declared dataset. `inferredColumns` are those proposed from its first delivery.',
  },
);
export type DatasetView = Static<typeof DatasetSchema>;

export const DatasetVersionSchema = Type.Object(
  {
    id: Digest,
    dataset: Type.String(),
    number: Type.Integer({ minimum: 1 }),
    rows: Count,
    files: Type.Array(Type.Object({ digest: Digest, rows: Count, sizeBytes: Count, deliveryId: Type.String() })),
    columns: Type.Array(
      Type.Object({
        name: Type.String(),
        type: Type.Enum(['number', 'integer', 'boolean', 'string', 'timestamp']),
      }),
    ),
    contractDigest: Digest,
    label: OrNull(LabelSpecSchema),
    time: OrNull(Type.String()),
    entity: Type.Array(Type.String()),
    parentId: OrNull(Digest),
    createdAtMs: Ms,
  },
  { description: 'An immutable state of a dataset; its id is the digest of its manifest.' },
);
export type DatasetVersionView = Static<typeof DatasetVersionSchema>;

export const DeliverySchema = Type.Object(
  {
    id: Type.String(),
    dataset: Type.String(),
    outcome: Type.Enum(['accepted', 'unchanged', 'refused']),
    source: Type.String(),
    sourceDigest: Digest,
    sourceFiles: Type.Array(Type.Object({ name: Type.String(), digest: Digest, sizeBytes: Count })),
    receivedRows: Count,
    acceptedRows: Count,
    rejectedRows: Count,
    faultyRows: Count,
    skippedRows: Count,
    ignoredColumns: Type.Array(Type.String()),
    reasons: Type.Record(Type.String(), Count),
    checks: Type.Array(
      Type.Object({
        name: Type.String(),
        verdict: Type.Enum(['pass', 'fail']),
        failedRows: Count,
        observed: Type.String(),
        expected: Type.String(),
      }),
    ),
    quarantineDigest: OrNull(Digest),
    versionId: OrNull(Digest),
    receivedAtMs: Ms,
  },
  { description: 'One arrival of data: receivedRows = acceptedRows + rejectedRows, the rejected are in quarantine.' },
);
export type DeliveryView = Static<typeof DeliverySchema>;

export const IngestSchema = Type.Object(
  {
    source: Type.Optional(
      Type.Object(
        { path: Type.Optional(Path), where: Type.Optional(Sql), format: Type.Optional(Format) },
        { ...closed, description: 'Another place than the declared one.' },
      ),
    ),
    mode: Type.Optional(
      Type.Enum(['append', 'replace'], { description: 'Add to the latest version, or start anew. Default replace.' }),
    ),
  },
  { ...closed, description: 'A delivery to take.', examples: [{ source: { path: 'new.csv' }, mode: 'append' }] },
);

export const DeliveryJobSchema = Type.Object(
  {
    jobId: Type.String(),
    deliveryId: Type.String(),
    state: Type.Enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
    progress: Type.Object({ ratio: Type.Number(), message: Type.String() }),
    delivery: OrNull(DeliverySchema),
    version: OrNull(DatasetVersionSchema),
    error: OrNull(Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() })),
  },
  { description: 'A delivery at work. `delivery` and `version` are there when it has ended.' },
);
export type DeliveryJobView = Static<typeof DeliveryJobSchema>;

export const QuarantinedRowSchema = Type.Object(
  {
    line: Type.Integer({ minimum: 1, description: '1-based line of the file; row number for Parquet.' }),
    file: Type.String(),
    reasons: Type.Array(Type.Object({ code: Type.String(), column: OrNull(Type.String()), message: Type.String() })),
    raw: Type.String({ description: 'The row as it came.' }),
  },
  { description: 'A row that broke the contract, with every reason.' },
);

export const UploadSchema = Type.Object(
  { digest: Digest, sizeBytes: Count },
  { description: 'Stored bytes; ingest them with the path `object:<digest>`.' },
);

const Parts = Type.Record(Type.String(), Type.Number({ exclusiveMinimum: 0, maximum: 1 }), {
  description: 'Part name → share of the rows; the shares sum to 1.',
});
const Seed = Type.Integer({ minimum: 0, maximum: 4_294_967_295 });

export const SplitSpecSchema = Type.Union(
  [
    Type.Object(
      {
        by: Type.Literal('time'),
        parts: Type.Record(
          Type.String(),
          Type.Object({ from: Type.Optional(Type.String()), until: Type.Optional(Type.String()) }, closed),
          { description: 'Part name → half-open range, ISO 8601 or epoch ms; an absent end is open.' },
        ),
        labelOverlap: Type.Optional(
          Type.Enum(['exclude', 'allow'], {
            description: 'Rows whose label is observed in a later part are left out unless allowed.',
          }),
        ),
      },
      closed,
    ),
    Type.Object({ by: Type.Literal('random'), parts: Parts, seed: Seed }, closed),
    Type.Object({ by: Type.Literal('group'), column: ColumnName, parts: Parts, seed: Seed }, closed),
  ],
  {
    description: 'How to part the rows of a version.',
    examples: [{ by: 'time', parts: { train: { until: '2014-01-01' }, test: { from: '2014-01-01' } } }],
  },
);

export const SplitSchema = Type.Object(
  {
    id: Digest,
    versionId: Digest,
    spec: SplitSpecSchema,
    parts: Type.Array(Type.Object({ name: Type.String(), rows: Count, rowIdDigest: Digest, fileDigest: Digest })),
    unusedRows: Count,
    unused: Type.Object({ noLabel: Count, outside: Count, labelOverlap: Count }),
    createdAtMs: Ms,
  },
  { description: 'A version parted for training and testing; the same version and spec give the same split.' },
);
export type SplitView = Static<typeof SplitSchema>;

const ColumnProfileSchema = Type.Union([
  Type.Object({
    kind: Type.Literal('numeric'),
    name: Type.String(),
    count: Count,
    missing: Count,
    nan: Count,
    negativeInfinity: Count,
    positiveInfinity: Count,
    min: OrNull(Type.Number()),
    max: OrNull(Type.Number()),
    mean: Type.Number(),
    m2: Type.Number({ description: 'Sum of squared deviations from the mean.' }),
    edges: Type.Array(Type.Number()),
    counts: Type.Array(Count),
  }),
  Type.Object({
    kind: Type.Literal('category'),
    name: Type.String(),
    count: Count,
    missing: Count,
    categories: Type.Array(Type.Tuple([Type.String(), Count])),
    other: Count,
  }),
]);

export const TableProfileSchema = Type.Object(
  { rowCount: Count, columns: Type.Array(ColumnProfileSchema) },
  { description: 'What is known of each column without its rows.' },
);
export type TableProfileView = Static<typeof TableProfileSchema>;

export const RowsSchema = Type.Object(
  {
    columns: Type.Array(Type.String()),
    items: Type.Array(
      Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()])),
    ),
  },
  { description: 'Rows with named columns; times are epoch milliseconds, missing values null.' },
);
