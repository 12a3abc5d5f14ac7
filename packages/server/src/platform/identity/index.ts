export { createIdentity } from './create-identity.js';
export { createDenialLog, type RecordDenial, recordDenials } from './denial-log.js';
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
export { type RememberedActors, rememberActors } from './remember-actors.js';
export { createSecretBox, type SecretBox } from './secret-box.js';
