import type { Clock } from '@fairlead/kernel';
import type { Db } from '../db/index.js';

/** What the people and token functions work with. */
export interface IdentityParts {
  readonly db: Db;
  readonly clock: Clock;
  /** The key under which token secrets are hashed. */
  readonly pepper: Buffer;
}
