export { createIdentity } from './create-identity.js';
export { createDenialLog } from './denial-log.js';
export { accessDenied } from './identity-events.js';
export { identityMigrations } from './identity-migrations.js';
export { addIdentityRoutes } from './identity-routes.js';
export {
  ACTIONS,
  type Action,
  can,
  localActor,
  requireCan,
  requireNamedPerson,
} from './identity-rules.js';
export type { Identity, Person } from './identity-types.js';
export { createSecretBox, type SecretBox } from './secret-box.js';
