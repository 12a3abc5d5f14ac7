import type { Reader, Tx } from '../../platform/db/index.js';
import type { Environment } from './environments/environment-types.js';
import type { Release, ReleasePolicy, ReleaseState } from './release-types.js';

export interface Approval {
  readonly endpoint: string;
  readonly modelDigest: string;
  readonly releaseId: string;
  readonly approvedAtMs: number;
}

export interface ReleaseStore {
  policy(reader: Reader, endpoint: string): Promise<ReleasePolicy | undefined>;
  policies(reader: Reader): Promise<ReleasePolicy[]>;
  savePolicy(tx: Tx & Reader, policy: ReleasePolicy, atMs: number): Promise<void>;
  release(reader: Reader, id: string): Promise<Release | undefined>;
  /** Newest first. */
  releases(
    reader: Reader,
    filter: { endpoint?: string; environment?: string; states?: readonly ReleaseState[]; limit: number },
  ): Promise<Release[]>;
  environment(reader: Reader, name: string): Promise<Environment | undefined>;
  /** The declared ones, by name. */
  environments(reader: Reader): Promise<Environment[]>;
  saveEnvironment(tx: Tx & Reader, environment: Environment, atMs: number): Promise<void>;
  removeEnvironment(tx: Tx & Reader, name: string): Promise<void>;
  insert(tx: Tx & Reader, release: Release): Promise<void>;
  /** Saves the next revision. False when somebody else changed the release first. */
  update(tx: Tx & Reader, release: Release): Promise<boolean>;
  addApproval(tx: Tx & Reader, approval: Approval): Promise<void>;
  approvals(reader: Reader, subject: { endpoint: string; modelDigest: string }): Promise<Approval[]>;
}
