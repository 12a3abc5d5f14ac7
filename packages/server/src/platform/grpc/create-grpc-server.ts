import {
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Actor } from '@fairlead/kernel';
import { grpcErrors } from './grpc-errors.js';
import { encodeStatusMessage, OK, statusOf, toCodedError } from './grpc-status.js';
import type { GrpcMethod, GrpcServer, GrpcServerOptions } from './grpc-types.js';
import { ACCEPTED_ENCODINGS, FRAME_BYTES, readMessage } from './read-message.js';

const CONTENT_TYPE = 'application/grpc+proto';
/** So much of one call, and of one connection, may be on its way before it is read. */
const WINDOW_BYTES = 2 ** 22;
/** Node's limit on the memory of one connection, in MB: many calls at once carry large messages. */
const SESSION_MEMORY_MB = 256;
const MAX_CALLS_PER_CONNECTION = 1000;

/**
 * A gRPC server (HTTP/2 without TLS) for methods that take one message and answer with one, which is all that the inference
 * protocol has. See docs/adr/0014-grpc.md for why it stands on node:http2.
 */
export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const { host, port } = options;
  const sessions = new Set<ServerHttp2Session>();
  const calls = new Set<Promise<void>>();
  const server = createServer({
    settings: { initialWindowSize: WINDOW_BYTES, maxConcurrentStreams: MAX_CALLS_PER_CONNECTION },
    maxSessionMemory: SESSION_MEMORY_MB,
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.setLocalWindowSize(WINDOW_BYTES);
    session.once('close', () => sessions.delete(session));
    // A connection that breaks is its own affair; unheard, the error would end the process.
    session.on('error', (error) => options.logger.debug({ err: error }, 'a gRPC connection broke'));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', (error) => options.logger.debug({ err: error }, 'a gRPC call broke'));
    const call = answerCall(options, stream, headers).finally(() => calls.delete(call));
    calls.add(call);
  });
  return {
    listen: () => {
      refuseOpenBind(options);
      return new Promise((resolve, reject) => {
        server.once('error', (cause) => {
          const message = `Cannot listen on ${host}:${port} for gRPC: ${cause.message}`;
          reject(grpcErrors.GRPC_LISTEN_FAILED(message, { data: { host, port }, cause }));
        });
        server.listen(port, host, () => {
          const { address, port: taken, family } = server.address() as AddressInfo;
          resolve(family === 'IPv6' ? `[${address}]:${taken}` : `${address}:${taken}`);
        });
      });
    },
    drain: async (timeoutMs) => {
      if (!server.listening) return { unfinishedRequests: 0 };
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      let unfinishedRequests = 0;
      const timer = setTimeout(() => {
        unfinishedRequests = calls.size;
        for (const session of sessions) session.destroy();
      }, timeoutMs);
      for (const session of sessions) session.close();
      await closed;
      clearTimeout(timer);
      return { unfinishedRequests };
    },
  };
}

function refuseOpenBind({ host, identityRequired }: GrpcServerOptions): void {
  if (identityRequired || host === 'localhost' || host === '::1' || host.startsWith('127.')) return;
  throw grpcErrors.GRPC_BIND_REFUSED(`${host} can be reached from the network, and everybody could do everything.`, {
    data: { host },
  });
}

/** Answers one call; never rejects. */
async function answerCall(
  options: GrpcServerOptions,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<void> {
  const path = first(headers[constants.HTTP2_HEADER_PATH]) ?? '';
  if (!String(headers['content-type']).startsWith('application/grpc')) {
    respond(stream, { ':status': 415 });
    return;
  }
  const deadline = new AbortController();
  const gone = () => deadline.abort();
  stream.once('close', gone);
  const timer = startTimer(headers['grpc-timeout'], () => {
    gone();
    fail(options, stream, {
      error: grpcErrors.GRPC_DEADLINE('The deadline of the call has passed.'),
      path,
      actor: null,
    });
  });
  let actor: Actor | null = null;
  try {
    const method = options.methods.get(path);
    if (method === undefined) throw grpcErrors.GRPC_UNIMPLEMENTED(`There is no method ${path.slice(0, 200)}.`);
    if (method.public !== true) actor = await options.identify(first(headers.authorization));
    const answer = await runMethod(options, stream, { headers, method, actor, signal: deadline.signal });
    succeed(stream, answer);
  } catch (error) {
    fail(options, stream, { error, path, actor });
  } finally {
    clearTimeout(timer);
  }
}

interface MethodCall {
  readonly headers: IncomingHttpHeaders;
  readonly method: GrpcMethod;
  readonly actor: Actor | null;
  readonly signal: AbortSignal;
}

async function runMethod(
  { maxMessageBytes, newRequestId }: GrpcServerOptions,
  stream: ServerHttp2Stream,
  { headers, method, actor, signal }: MethodCall,
): Promise<Buffer> {
  const message = await readMessage(stream, { encoding: first(headers['grpc-encoding']), maxBytes: maxMessageBytes });
  return method.answer({
    message,
    actor,
    requestId: newRequestId(first(headers['x-request-id'])),
    metadata: (name) => first(headers[name]),
    signal,
  });
}

const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
const MAX_TIMER_MS = 2 ** 31 - 1;

function startTimer(timeout: string | string[] | undefined, onPassed: () => void): NodeJS.Timeout | undefined {
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(first(timeout) ?? '') ?? [];
  if (digits === undefined) return undefined;
  const timer = setTimeout(onPassed, Math.min(MAX_TIMER_MS, Number(digits) * (UNIT_MS[unit] ?? 1)));
  timer.unref();
  return timer;
}

function succeed(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.closed || stream.destroyed || stream.headersSent) return;
  const frame = Buffer.allocUnsafe(FRAME_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, FRAME_BYTES);
  stream.respond({ ':status': 200, 'content-type': CONTENT_TYPE }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': OK }));
  stream.end(frame);
}

interface Failed {
  readonly error: unknown;
  readonly path: string;
  readonly actor: Actor | null;
}

function fail(
  { logger, onRefused }: GrpcServerOptions,
  stream: ServerHttp2Stream,
  { error, path, actor }: Failed,
): void {
  const coded = toCodedError(error);
  const { status, code, message, id } = coded;
  if (status >= 500) {
    logger.error({ err: coded, cause: coded.cause, errorId: id, code, method: path }, message);
  }
  onRefused?.(coded, { actor, method: path });
  const hint = status >= 500 ? ` (${id})` : '';
  respond(stream, {
    ':status': 200,
    'content-type': CONTENT_TYPE,
    'grpc-status': statusOf(coded),
    'grpc-message': encodeStatusMessage(`${code}: ${message}${hint}`.slice(0, 1000)),
    'grpc-accept-encoding': ACCEPTED_ENCODINGS,
  });
}

function respond(stream: ServerHttp2Stream, headers: Record<string, string | number>): void {
  if (stream.closed || stream.destroyed || stream.headersSent) return;
  stream.respond(headers, { endStream: true });
  // What the caller still sends is read away, so that it gets to see the answer.
  stream.resume();
}
