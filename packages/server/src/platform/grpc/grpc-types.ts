import type { Actor } from '@fairlead/kernel';
import type { Logger } from '../telemetry/index.js';

/** One call of a method that takes one message and answers with one. */
export interface GrpcCall {
  readonly message: Buffer;
  /** Null for methods that are `public`. */
  readonly actor: Actor | null;
  readonly requestId: string;
  /** The caller's metadata with this name in lower case, the first if there are several. */
  readonly metadata: (name: string) => string | undefined;
  /** Ends when the caller hangs up or its deadline has passed: what is not begun need not begin. */
  readonly signal: AbortSignal;
}

export interface GrpcMethod {
  /** The answer's message. Coded errors become the status of the call. */
  readonly answer: (call: GrpcCall) => Promise<Buffer> | Buffer;
  /** Needs no token even where identity is required. */
  readonly public?: boolean;
}

export interface GrpcServerOptions {
  /** By path, for example `/inference.GRPCInferenceService/ServerLive`. */
  readonly methods: ReadonlyMap<string, GrpcMethod>;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Whether requests prove who they are; without that only loopback may be listened on. */
  readonly identityRequired: boolean;
  /** Larger messages are refused, also when they grow while their encoding is undone. */
  readonly maxMessageBytes: number;
  readonly identify: (authorization: string | undefined) => Promise<Actor>;
  readonly newRequestId: (given: string | undefined) => string;
  readonly logger: Pick<Logger, 'error' | 'debug'>;
  /** Told of every call that was refused, with who asked; for the ledger. */
  readonly onRefused?: (error: unknown, call: { readonly actor: Actor | null; readonly method: string }) => void;
}

export interface GrpcServer {
  /** Resolves with `host:port`. @throws GRPC_BIND_REFUSED, GRPC_LISTEN_FAILED */
  listen(): Promise<string>;
  /** Takes no more calls, lets those in flight finish for `timeoutMs`, then cuts them off. */
  drain(timeoutMs: number): Promise<{ readonly unfinishedRequests: number }>;
}
