import type {
  DeclaredPolicySchema,
  PauseRolloutSchema,
  ReleasePlanView,
  ReleasePolicyDeclarationSchema,
  ReleasePolicySchema,
  ReleaseView,
  RequestReleaseSchema,
  RollBackSchema,
  SignReleaseSchema,
  StartRolloutSchema,
  WaiveGateSchema,
  Wire,
  WithdrawSchema,
} from '@fairlead/contracts';
import type { List, Transport, WaitOptions } from '../call-types.js';
import { waitUntil } from '../wait-until.js';

export type ReleaseState = ReleaseView['state'];

/** States that only a person or a new release can change. */
const SETTLED: readonly ReleaseState[] = [
  'gates-failed',
  'released',
  'rejected',
  'expired',
  'rolled-back',
  'withdrawn',
  'superseded',
  'failed',
];

export function releasesClient({ json }: Transport) {
  const get = (id: string) => json<ReleaseView>('getRelease', { params: { id } });
  return {
    /** Newest first. */
    list: (query: { endpoint?: string; environment?: string; state?: ReleaseState; limit?: number } = {}) =>
      json<List<ReleaseView>>('listReleases', { query }),
    get,
    /** What a request would set going; changes nothing. */
    plan: (endpoint: string, query: { version: number; environment?: string }) =>
      json<ReleasePlanView>('planRelease', { params: { endpoint }, query }),
    /** Deploys to test and runs the gates; with `waitMs` the answer comes when they are decided. */
    request: (request: Wire<typeof RequestReleaseSchema>, query: { waitMs?: number } = {}) =>
      json<ReleaseView>('requestRelease', { body: request, query }),
    sign: (id: string, signature: Wire<typeof SignReleaseSchema>) =>
      json<ReleaseView>('signRelease', { params: { id }, body: signature }),
    /** Lets a release that failed a gate go on, until the waiver ends. */
    waive: (id: string, waiver: Wire<typeof WaiveGateSchema>) =>
      json<ReleaseView>('waiveGate', { params: { id }, body: waiver }),
    /** `arms` take part in a bandit in the place of those of its policy. */
    rollOut: (id: string, options: Wire<typeof StartRolloutSchema> = {}) =>
      json<ReleaseView>('startRollout', { params: { id }, body: options }),
    advance: (id: string, options: { force?: boolean } = {}) =>
      json<ReleaseView>('advanceRollout', { params: { id }, body: options }),
    /** Stops it where it is; its guardrails are watched all the same. */
    pause: (id: string, request: Wire<typeof PauseRolloutSchema>) =>
      json<ReleaseView>('pauseRollout', { params: { id }, body: request }),
    resume: (id: string) => json<ReleaseView>('resumeRollout', { params: { id } }),
    /** One switch back to an earlier released version; by default the one before. */
    rollBack: (endpoint: string, request: Wire<typeof RollBackSchema>) =>
      json<ReleaseView>('rollBackEndpoint', { params: { endpoint }, body: request }),
    /** As it holds in an environment, by default in production. */
    policy: (endpoint: string, query: { environment?: string } = {}) =>
      json<Wire<typeof ReleasePolicySchema>>('getReleasePolicy', { params: { endpoint }, query }),
    declarePolicy: (endpoint: string, policy: Wire<typeof ReleasePolicyDeclarationSchema>) =>
      json<Wire<typeof DeclaredPolicySchema>>('declareReleasePolicy', { params: { endpoint }, body: policy }),
    /** Serves an endpoint no longer in an environment other than production. */
    withdraw: (endpoint: string, request: Wire<typeof WithdrawSchema>) =>
      json<void>('withdrawEndpoint', { params: { endpoint }, body: request }),
    /** Until the release is in one of `states`, or in a state it does not leave by itself. Throws SDK_WAIT_TIMEOUT. */
    wait: (id: string, states: readonly ReleaseState[], options: WaitOptions<ReleaseView> = {}) =>
      waitUntil({
        ...options,
        what: `release ${id}`,
        look: () => get(id),
        done: ({ state }) => states.includes(state) || SETTLED.includes(state),
      }),
  };
}
