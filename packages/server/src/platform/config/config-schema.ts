import { type Static, Type } from 'typebox';

const MEBIBYTE = 2 ** 20;
const milliseconds = (description: string, value: number, minimum = 0) =>
  Type.Integer({ description, default: value, minimum, maximum: 86_400_000 });

/**
 * Every setting of the server. The environment variable, the flag and the reference page of a key are derived from its
 * name: `requestTimeoutMs` is FAIRLEAD_REQUEST_TIMEOUT_MS and --request-timeout-ms.
 */
export const configSchema = Type.Object(
  {
    host: Type.String({
      description: 'Address to listen on. Anything but loopback needs identity.required.',
      default: '127.0.0.1',
      minLength: 1,
    }),
    port: Type.Integer({ description: 'TCP port; 0 takes a free one.', default: 4600, minimum: 0, maximum: 65_535 }),
    grpcPort: Type.Optional(
      Type.Integer({
        description: 'TCP port for inference over gRPC, at the same address; 0 takes a free one. Absent: none.',
        minimum: 0,
        maximum: 65_535,
      }),
    ),
    servingPort: Type.Optional(
      Type.Integer({
        description:
          'TCP port on which processes of their own answer inference, at the same address; with it they also answer gRPC. 0 takes a free one. Absent: the server itself answers on its port.',
        minimum: 0,
        maximum: 65_535,
      }),
    ),
    servingProcesses: Type.Optional(
      Type.Integer({
        description: 'Processes that answer on servingPort. Absent: one per core.',
        minimum: 1,
        maximum: 256,
      }),
    ),
    home: Type.String({
      description: 'Folder of everything the server keeps; relative to the working directory.',
      default: './.fairlead',
      minLength: 1,
    }),
    databaseUrl: Type.Optional(
      Type.String({
        description: 'Metadata database: a SQLite file path or postgres://… . Absent: fairlead.db in home.',
        minLength: 1,
        secret: true,
      }),
    ),
    durability: Type.Enum(['normal', 'full'], {
      description: 'normal survives the death of the process, full a power cut too.',
      default: 'normal',
    }),
    logLevel: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      description: 'Least severe log line that is written.',
      default: 'info',
    }),
    logFormat: Type.Enum(['json', 'pretty'], {
      description: 'json for programs, pretty for people; written to standard error.',
      default: 'json',
    }),
    publicUrl: Type.Optional(
      Type.String({
        description: 'Address under which users reach the server, for links, the Host check and the Origin check.',
        pattern: '^https?://[^/?#\\s]+/?$',
      }),
    ),
    allowedHosts: Type.Array(Type.String({ pattern: '^[A-Za-z0-9.:_-]+$' }), {
      description: 'More host names, without port, that the Host header may carry. Exact names, no patterns.',
      default: [],
      maxItems: 100,
    }),
    bodyLimitBytes: Type.Integer({
      description: 'Largest JSON request body; larger ones get 413. Streams have limits of their own.',
      default: 64 * MEBIBYTE,
      minimum: 1024,
      maximum: 2 ** 30,
    }),
    headersTimeoutMs: milliseconds('Time a client has to send its request headers.', 10_000, 100),
    requestTimeoutMs: milliseconds(
      'Time a client has to send a JSON body; for a stream, the longest pause between two pieces.',
      30_000,
      100,
    ),
    drainTimeoutMs: milliseconds('Time requests in flight get to finish when the server stops.', 10_000),
    dataRoots: Type.Array(Type.String({ minLength: 1 }), {
      description: 'Folders that projects and data files may be read from, beside the working directory and home.',
      default: [],
      maxItems: 100,
    }),
    modelSourceRoots: Type.Array(Type.String({ pattern: '^[a-z][a-z0-9+.-]+://[^/]' }), {
      description:
        'Addresses outside of this server below which files of model versions may be; recorded, never fetched.',
      default: [],
      maxItems: 100,
    }),
    artifactRoots: Type.Array(Type.String({ pattern: '^[a-z][a-z0-9+.-]+://[^/]' }), {
      description:
        'Addresses outside of this server below which experiments may keep their files, for example s3://runs.',
      default: [],
      maxItems: 100,
    }),
    purgeDeletedAfterDays: Type.Integer({
      description:
        'Days after which deleted runs, experiments and logged models are removed for good, every night; 0: never.',
      default: 0,
      minimum: 0,
      maximum: 36_500,
    }),
    inferenceWorkers: Type.Integer({
      description: 'Threads that run models.',
      default: 2,
      minimum: 1,
      maximum: 256,
    }),
    modelPlacement: Type.Enum(['auto', 'thread', 'process'], {
      description: 'Where models compute: in the shared threads, in processes of their own, or as each one needs.',
      default: 'auto',
    }),
    modelProcesses: Type.Integer({
      description: 'Processes of each model that does not compute in the shared threads.',
      default: 1,
      minimum: 1,
      maximum: 256,
    }),
    modelRunTimeoutMs: milliseconds('Time of one run in such a process; the process is killed after it.', 30_000, 10),
    modelMemoryBytes: Type.Optional(
      Type.Integer({
        description: 'Memory each such process may take; killed above it. Absent: 2 GiB and eight times the file.',
        minimum: 64 * MEBIBYTE,
      }),
    ),
    modelPrograms: Type.Boolean({
      description: 'Whether endpoints may be served by programs that engineers name; they run as the server does.',
      default: false,
    }),
    modelServers: Type.Array(Type.String({ pattern: '^https?://[^/?#\\s]+$' }), {
      description:
        'Origins of model servers in private networks that endpoints may be served by, for example http://triton:8000.',
      default: [],
      maxItems: 100,
    }),
    streamBrokers: Type.Array(Type.String({ pattern: '^(nats|nats\\+tls|tls|kafka|kafka\\+ssl)://[^\\s#]+$' }), {
      description:
        'Brokers whose messages endpoints may answer, with what they ask for, for example nats://user:secret@nats:4222 or kafka+ssl://user@kafka:9093?password-file=/run/secrets/kafka&ca=/etc/ssl/kafka.pem.',
      splitBefore: '(?:nats|nats\\+tls|tls|kafka|kafka\\+ssl)://',
      secret: true,
      default: [],
      maxItems: 100,
    }),
    gateCommands: Type.Record(
      Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' }),
      Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
      {
        description:
          'Commands that release policies may name as gates, as name: [program, argument, …]; they run as the server does. JSON where it is given as text.',
        default: {},
      },
    ),
    jobConcurrency: Type.Integer({
      description: 'Jobs that run at the same time in this process.',
      default: 2,
      minimum: 0,
      maximum: 256,
    }),
    rollbackWindowMs: milliseconds(
      'How long after a switch the former version stays in memory, so that going back is immediate; later it is loaded again. 0 keeps it until the next switch.',
      0,
      0,
    ),
    captureMode: Type.Enum(['async', 'sync'], {
      description: 'sync answers a prediction only after it has been captured; async never waits and may lose some.',
      default: 'async',
    }),
    captureTimeoutMs: milliseconds(
      'In captureMode sync, how long an answer waits for its record; after that it is refused (SRV_CAPTURE_FAILED), and so it is recorded.',
      10_000,
      10,
    ),
    captureSample: Type.Number({
      description:
        'Share of the answered requests that the prediction log keeps, chosen by their id; errors, shadows and overrides are always kept.',
      default: 1,
      minimum: 0,
      maximum: 1,
    }),
    captureCompactMs: milliseconds('Age at which captured predictions become a Parquet file.', 60_000, 100),
    captureWaitingBytes: Type.Integer({
      description:
        'Bytes of the prediction log of one endpoint that may wait on disk to become Parquet files; beyond them rows are dropped and counted, and in captureMode sync predictions are refused (SRV_CAPTURE_FAILED), until a tenth is free again.',
      default: 2 ** 30,
      minimum: 4 * 2 ** 20,
    }),
    webhookAllowPrivate: Type.Boolean({
      description: 'Whether webhooks and URL sources may reach loopback and private networks.',
      default: false,
    }),
    openlineage: Type.Optional(
      Type.Object(
        {
          url: Type.Optional(
            Type.String({
              description: 'Address that OpenLineage events are posted to, whole. Absent: none are made.',
              pattern: '^https?://[^\\s#]+$',
            }),
          ),
          apiKey: Type.Optional(
            Type.String({
              description: 'Sent with them as a bearer token. Better given by the environment than by a flag.',
              minLength: 1,
              secret: true,
            }),
          ),
          header: Type.Optional(
            Type.String({
              description: 'Name of a header that carries the key instead, for example X-Api-Key.',
              pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
            }),
          ),
          namespace: Type.Optional(
            Type.String({
              description:
                'Namespace of our jobs and datasets. Absent: fairlead:// and the host of publicUrl, or localhost.',
              minLength: 1,
            }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    identity: Type.Object(
      {
        required: Type.Boolean({
          description: 'Whether every request needs a token. Off is allowed on loopback only.',
          default: false,
        }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

type Settings = Static<typeof configSchema>;
type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** The settings of one server: `home` is absolute and `databaseUrl` always present. Deeply frozen. */
export type Config = Frozen<Omit<Settings, 'databaseUrl'> & { databaseUrl: string }>;
