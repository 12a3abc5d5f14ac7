import type { Actor, Role } from '@fairlead/kernel';
import { ROLES } from '@fairlead/kernel';
import { identityErrors } from './identity-errors.js';

/** The machine acting by itself: the scheduler, or a rule that somebody with `automation:write` wrote. */
type Holder = Role | 'machine';

const SCIENCE: readonly Holder[] = ['data-scientist', 'ml-engineer', 'machine'];
const ENGINEERING: readonly Holder[] = ['ml-engineer', 'machine'];
const EVERYBODY: readonly Holder[] = [...ROLES, 'machine'];

/** Who may do what. What does not stand here nobody may do. Admins grant roles; they do not release. */
const ALLOWED = {
  'dataset:read': EVERYBODY,
  'dataset:write': SCIENCE,
  'dataset:erase': ['risk-manager'],
  'feature:read': EVERYBODY,
  'feature:write': SCIENCE,
  'experiment:read': EVERYBODY,
  'experiment:write': SCIENCE,
  'run:read': EVERYBODY,
  'run:write': SCIENCE,
  'artifact:read': EVERYBODY,
  'artifact:write': SCIENCE,
  'pipeline:read': EVERYBODY,
  'pipeline:write': SCIENCE,
  'pipeline:run': SCIENCE,
  'evaluation:read': EVERYBODY,
  'evaluation:write': [...SCIENCE, 'qa'],
  'model:read': EVERYBODY,
  'model:write': SCIENCE,
  'card:write': ['data-scientist', 'ml-engineer', 'qa', 'product-owner', 'risk-manager', 'machine'],
  'environment:read': EVERYBODY,
  'environment:write': ['ml-engineer'],
  'release:read': EVERYBODY,
  'release:request': ['data-scientist', 'ml-engineer', 'qa', 'product-owner', 'machine'],
  'release:approve': ['ml-engineer', 'qa', 'product-owner', 'risk-manager'],
  'release:rollback': ENGINEERING,
  // Of these the release policy names those who may.
  'gate:waive': ['qa', 'product-owner', 'risk-manager'],
  'endpoint:read': EVERYBODY,
  'endpoint:write': ENGINEERING,
  'endpoint:invoke': ['data-scientist', 'ml-engineer', 'qa', 'product-owner', 'machine'],
  'batch:read': EVERYBODY,
  'batch:write': SCIENCE,
  'deployment:read': EVERYBODY,
  'deployment:write': ENGINEERING,
  'prediction:read': EVERYBODY,
  'truth:write': [...SCIENCE, 'qa'],
  'monitor:read': EVERYBODY,
  'monitor:write': SCIENCE,
  'alert:read': EVERYBODY,
  'alert:write': [...SCIENCE, 'qa', 'product-owner', 'risk-manager'],
  'automation:read': EVERYBODY,
  'automation:write': ['ml-engineer'],
  'policy:read': EVERYBODY,
  'policy:write': ['risk-manager'],
  'project:read': EVERYBODY,
  'project:write': ['ml-engineer'],
  'report:read': EVERYBODY,
  'report:write': [...SCIENCE, 'qa', 'risk-manager', 'auditor'],
  'lineage:read': EVERYBODY,
  'lineage:write': SCIENCE,
  'job:read': EVERYBODY,
  'job:write': ENGINEERING,
  'storage:collect': ['admin'],
  'tracking:purge': ['admin'],
  'audit:read': ['auditor', 'risk-manager', 'admin'],
  'person:read': ['auditor', 'admin'],
  'person:write': ['admin'],
  'import:write': ['admin'],
} as const satisfies Readonly<Record<string, readonly Holder[]>>;

/** Something one may do, as `<resource>:<verb>`. */
export type Action = keyof typeof ALLOWED;

/** Every action there is. */
export const ACTIONS = Object.keys(ALLOWED) as readonly Action[];

/** The roles that may do `action`; none for an unknown action. */
function rolesAllowed(action: string): readonly Role[] {
  return holders(action).filter((holder): holder is Role => holder !== 'machine');
}

function holders(action: string): readonly Holder[] {
  return Object.hasOwn(ALLOWED, action) ? ALLOWED[action as Action] : [];
}

/** Whether the actor may do it. Denies by default: an unknown action, no roles, a role nobody knows. */
export function can(actor: Actor, action: string): boolean {
  if (actor.kind === 'system' || actor.kind === 'automation') return holders(action).includes('machine');
  const allowed = rolesAllowed(action);
  return actor.roles.some((role) => allowed.includes(role));
}

/** Throws IDN_FORBIDDEN unless {@link can}. */
export function requireCan(actor: Actor, action: Action): void {
  if (can(actor, action)) return;
  const roles = rolesAllowed(action);
  throw identityErrors.IDN_FORBIDDEN(`${actor.id} may not do ${action}; that takes ${roles.join(' or ')}.`, {
    data: { actor: actor.id, action, roles },
  });
}

/** Throws IDN_NAMED_PERSON_REQUIRED unless a credential proved that a person, not a program, asks. For signatures. */
export function requireNamedPerson(actor: Actor): void {
  if (actor.authenticated && actor.kind === 'user') return;
  throw identityErrors.IDN_NAMED_PERSON_REQUIRED(`${actor.id} is no person known by a token.`, {
    data: { actor: actor.id, kind: actor.kind, authenticated: actor.authenticated },
  });
}

/** Who asks without a token while the server is open to this machine only: may do everything but sign. */
export const localActor: Actor = Object.freeze({ kind: 'user', id: 'local', roles: ROLES, authenticated: false });
