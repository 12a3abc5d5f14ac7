import type { RoomMigrations } from '../platform/db/index.js';
import { idempotencyMigrations } from '../platform/idempotency/index.js';
import { identityMigrations } from '../platform/identity/index.js';
import { jobMigrations } from '../platform/jobs/index.js';

/** Of the drivers that have tables, before those of the rooms. */
export const platformMigrations: readonly RoomMigrations[] = [identityMigrations, idempotencyMigrations, jobMigrations];
