import type { Actor } from '@fairlead/kernel';
import type { Config } from '../platform/config/index.js';
import type { MetricsSnapshot } from '../platform/telemetry/index.js';
import type { LiveChange, LiveState, ProcessRequest } from '../rooms/serving/index.js';

/** What a serving process is set up with. */
export interface ServingState {
  readonly config: Config;
  readonly live: LiveState;
}

/** What it is told later. */
export type ServingChange = LiveChange | { readonly type: 'forget-actors' };

/** What it asks and hands over. */
export type ServingRequest =
  | ProcessRequest
  | { readonly type: 'identify'; readonly authorization: string | undefined }
  | {
      readonly type: 'denied';
      readonly error: DeniedError;
      readonly actor: Actor;
      readonly operation: string;
      readonly requestId: string | undefined;
    }
  | { readonly type: 'render-metrics' }
  | { readonly type: 'metrics'; readonly snapshot: MetricsSnapshot };

/** As much of a refusal as the ledger keeps. */
export interface DeniedError {
  readonly code: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Where serving processes listen. */
export interface ServingAddresses {
  readonly serving: string;
  readonly grpc?: string;
}
