/** A setting of the server as a flag: `[flag, what it takes, what it does]`. Held to docs/reference/config.md by a test. */
export type UpFlag = readonly [flag: string, takes: string, description: string];

/** Written out, because reading them from the server would load the whole server for `fairlead --help`. */
export const UP_FLAGS: readonly UpFlag[] = [
  ['--host', 'address', 'Address to listen on. Anything but loopback needs identity.required.'],
  ['--port', 'number', 'TCP port; 0 takes a free one.'],
  ['--grpc-port', 'number', 'TCP port for inference over gRPC, at the same address; 0 takes a free one. Absent: none.'],
  [
    '--serving-port',
    'number',
    'TCP port on which processes of their own answer inference, at the same address; with it they also answer gRPC. 0 takes a free one. Absent: the server itself answers on its port.',
  ],
  ['--serving-processes', 'number', 'Processes that answer on servingPort. Absent: one per core.'],
  ['--home', 'folder', 'Folder of everything the server keeps; relative to the working directory.'],
  ['--database-url', 'address', 'Metadata database: a SQLite file path or postgres://… . Absent: fairlead.db in home.'],
  ['--durability', 'level', 'normal survives the death of the process, full a power cut too.'],
  ['--log-level', 'level', 'Least severe log line that is written.'],
  ['--log-format', 'format', 'json for programs, pretty for people; written to standard error.'],
  [
    '--public-url',
    'address',
    'Address under which users reach the server, for links, the Host check and the Origin check.',
  ],
  [
    '--allowed-hosts',
    'names',
    'More host names, without port, that the Host header may carry. Exact names, no patterns.',
  ],
  ['--body-limit-bytes', 'bytes', 'Largest JSON request body; larger ones get 413. Streams have limits of their own.'],
  ['--headers-timeout-ms', 'ms', 'Time a client has to send its request headers.'],
  [
    '--request-timeout-ms',
    'ms',
    'Time a client has to send a JSON body; for a stream, the longest pause between two pieces.',
  ],
  ['--drain-timeout-ms', 'ms', 'Time requests in flight get to finish when the server stops.'],
  [
    '--data-roots',
    'folders',
    'Folders that projects and data files may be read from, beside the working directory and home.',
  ],
  [
    '--model-source-roots',
    'list',
    'Addresses outside of this server below which files of model versions may be; recorded, never fetched.',
  ],
  [
    '--artifact-roots',
    'list',
    'Addresses outside of this server below which experiments may keep their files, for example s3://runs.',
  ],
  [
    '--purge-deleted-after-days',
    'number',
    'Days after which deleted runs, experiments and logged models are removed for good, every night; 0: never.',
  ],
  ['--inference-workers', 'number', 'Threads that run models.'],
  [
    '--model-placement',
    'choice',
    'Where models compute: in the shared threads, in processes of their own, or as each one needs.',
  ],
  ['--model-processes', 'number', 'Processes of each model that does not compute in the shared threads.'],
  ['--model-run-timeout-ms', 'number', 'Time of one run in such a process; the process is killed after it.'],
  [
    '--model-memory-bytes',
    'number',
    'Memory each such process may take; killed above it. Absent: 2 GiB and eight times the file.',
  ],
  [
    '--model-programs',
    'bool',
    'Whether endpoints may be served by programs that engineers name; they run as the server does.',
  ],
  [
    '--model-servers',
    'list',
    'Origins of model servers in private networks that endpoints may be served by, for example http://triton:8000.',
  ],
  [
    '--stream-brokers',
    'list',
    'Brokers whose messages endpoints may answer, with what they ask for, for example nats://user:secret@nats:4222 or kafka+ssl://user@kafka:9093?password-file=/run/secrets/kafka&ca=/etc/ssl/kafka.pem.',
  ],
  [
    '--gate-commands',
    'json',
    'Commands that release policies may name as gates, as name: [program, argument, …]; they run as the server does. JSON where it is given as text.',
  ],
  ['--job-concurrency', 'number', 'Jobs that run at the same time in this process.'],
  [
    '--rollback-window-ms',
    'ms',
    'How long after a switch the former version stays in memory, so that going back is immediate; later it is loaded again. 0 keeps it until the next switch.',
  ],
  [
    '--capture-mode',
    'choice',
    'sync answers a prediction only after it has been captured; async never waits and may lose some.',
  ],
  [
    '--capture-timeout-ms',
    'ms',
    'In captureMode sync, how long an answer waits for its record; after that it is refused (SRV_CAPTURE_FAILED), and so it is recorded.',
  ],
  [
    '--capture-sample',
    'number',
    'Share of the answered requests that the prediction log keeps, chosen by their id; errors, shadows and overrides are always kept.',
  ],
  ['--capture-compact-ms', 'ms', 'Age at which captured predictions become a Parquet file.'],
  [
    '--capture-waiting-bytes',
    'bytes',
    'Bytes of the prediction log of one endpoint that may wait on disk to become Parquet files; beyond them rows are dropped and counted, and in captureMode sync predictions are refused (SRV_CAPTURE_FAILED), until a tenth is free again.',
  ],
  ['--webhook-allow-private', 'bool', 'Whether webhooks and URL sources may reach loopback and private networks.'],
  ['--openlineage-url', 'address', 'Address that OpenLineage events are posted to, whole. Absent: none are made.'],
  ['--openlineage-api-key', 'key', 'Sent with them as a bearer token. Better given by the environment than by a flag.'],
  ['--openlineage-header', 'name', 'Name of a header that carries the key instead, for example X-Api-Key.'],
  [
    '--openlineage-namespace',
    'name',
    'Namespace of our jobs and datasets. Absent: fairlead:// and the host of publicUrl, or localhost.',
  ],
  ['--identity-required', 'bool', 'Whether every request needs a token. Off is allowed on loopback only.'],
];
