import type { Actor } from '@fairlead/kernel';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Config } from '../config/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';
import type { Html } from './html.js';

/** The server as routes see it: schemas are TypeBox, so body, query and params are typed by them. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What an answer tells about an error. */
export interface ErrorView {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly id: string;
  readonly requestId: string;
}

/** `native` is `{error: {code, …}}`; `oip` is `{"error": "CODE: message"}`; a function makes the body of any other protocol. */
export type ErrorShape = 'native' | 'oip' | ((error: ErrorView) => unknown);

/**
 * A protocol of others that some prefixes of the address space speak, with its own way to say errors: also for addresses
 * without a route, unreadable ones and refused credentials, which no route's `errorShape` reaches.
 */
export interface ForeignProtocol {
  /** Of paths, for example `/api/2.0/mlflow`; whole segments are compared. */
  readonly prefixes: readonly string[];
  readonly presentError: (error: ErrorView) => { readonly status: number; readonly body: unknown };
  /** How its clients are to prove who they are: the WWW-Authenticate header of a 401. */
  readonly challenge: string;
}

/**
 * Addresses of pages for people: their errors are pages too, where the `Accept` header likes those better than JSON, also for
 * addresses without a route and unreadable ones.
 */
export interface ErrorPages {
  /** Of paths, for example `/releases`; whole segments are compared. */
  readonly prefixes: readonly string[];
  /** `nonce` allows the one style element of the page. */
  readonly presentError: (
    error: ErrorView,
    options: { nonce: string },
  ) => { readonly status: number; readonly page: Html };
}

/** Who asks. Rejects with a coded error when the credential is bad, or missing where one is needed. */
export interface Identifier {
  identify(authorization: string | undefined): Promise<Actor>;
}

export interface Readiness {
  readonly ready: boolean;
  /** One entry per thing the server needs, for example `{database: 'ok'}`. */
  readonly checks: Readonly<Record<string, unknown>>;
}

export interface HttpServerOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly identity: Identifier;
  readonly version: string;
  readonly readiness: () => Promise<Readiness>;
  /** What `/version` answers: MLflow clients read it and expect a version of MLflow. Absent: `version`. */
  readonly mlflowVersion?: string;
  readonly protocols?: readonly ForeignProtocol[];
  readonly errorPages?: ErrorPages;
}

/** What was left undone when the time was up. */
export interface DrainResult {
  readonly unfinishedRequests: number;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Takes bodies that are not JSON; the route stands inside {@link acceptRawBodies}. */
    rawBody?: boolean;
    /** Takes bodies of any content type as bytes; the route stands inside {@link acceptWholeBodies}. */
    wholeBody?: boolean;
    /** Needs no token even where identity is required. */
    public?: boolean;
    /** Answers whatever the Host header says; for health checks only. */
    anyHost?: boolean;
    errorShape?: ErrorShape;
    /** The error for a body that is not JSON, where a protocol has a better answer than HTTP_UNSUPPORTED_MEDIA_TYPE. */
    otherContent?: (got: string) => Error;
  }
  interface FastifyRequest {
    actor: Actor | null;
  }
  interface FastifyInstance {
    /** Stops accepting, answers /readyz with 503, lets requests in flight finish for `timeoutMs`, then cuts them off. */
    drain(timeoutMs: number): Promise<DrainResult>;
  }
}
