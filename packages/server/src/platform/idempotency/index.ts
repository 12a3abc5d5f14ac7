export { createIdempotency, type Idempotency, type SoleRequest } from './create-idempotency.js';
export { idempotencyMigrations } from './idempotency-migrations.js';
