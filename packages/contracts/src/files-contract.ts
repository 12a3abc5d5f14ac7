import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const Ms = Type.Integer({ description: 'Milliseconds since the Unix epoch, UTC.' });
const Digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'sha256, 64 lower-case hex digits.' });
const SizeBytes = Type.Integer({ minimum: 0 });
const PartNumber = Type.Integer({ minimum: 1, maximum: 10_000, description: 'From 1 to the number of parts.' });

export const TreeFileSchema = Type.Object(
  { path: Type.String(), digest: Digest, sizeBytes: SizeBytes, createdAtMs: Ms },
  { description: 'A file of the tree, with its path below the root of all.' },
);
export type TreeFileView = Static<typeof TreeFileSchema>;

export const TreeEntrySchema = Type.Object(
  {
    name: Type.String({ description: 'Last part of the path.' }),
    isFolder: Type.Boolean(),
    sizeBytes: Type.Union([SizeBytes, Type.Null()]),
  },
  { description: 'A file or a folder in a folder.' },
);
export type TreeEntryView = Static<typeof TreeEntrySchema>;

export const BeginUploadSchema = Type.Object(
  {
    path: Type.String({ description: 'Path below the root of all.' }),
    parts: Type.Integer({ minimum: 1, maximum: 10_000, description: 'How many parts will come.' }),
  },
  { ...closed, description: 'An upload to begin.', examples: [{ path: '0/run/artifacts/model.bin', parts: 3 }] },
);

export const StartedUploadSchema = Type.Object(
  { uploadId: Type.String(), path: Type.String(), parts: Type.Integer(), expiresAtMs: Ms },
  { description: 'An upload in parts; a day after its last part it is dropped.' },
);
export type StartedUploadView = Static<typeof StartedUploadSchema>;

export const UploadPartSchema = Type.Object(
  { partNumber: PartNumber, etag: Digest, sizeBytes: SizeBytes },
  { description: 'A part that is stored; its etag is its sha256.' },
);
export type UploadPartView = Static<typeof UploadPartSchema>;

export const MultipartUploadSchema = Type.Object(
  {
    path: Type.String(),
    expected: Type.Integer({ description: 'How many parts were announced.' }),
    expiresAtMs: Ms,
    parts: Type.Array(UploadPartSchema),
  },
  { description: 'How far an upload is: the parts that are stored.' },
);
export type MultipartUploadView = Static<typeof MultipartUploadSchema>;

export const CompleteUploadSchema = Type.Object(
  {
    parts: Type.Array(Type.Object({ partNumber: PartNumber, etag: Type.String({ maxLength: 100 }) }, closed), {
      maxItems: 10_000,
    }),
  },
  { ...closed, description: 'Every part from 1 to the last, in order, with its etag.' },
);
