/** What a person or a program may do; see docs/guide/roles.md. */
export const ROLES = [
  'viewer',
  'data-scientist',
  'ml-engineer',
  'qa',
  'product-owner',
  'risk-manager',
  'auditor',
  'admin',
] as const;
export type Role = (typeof ROLES)[number];

/** Who makes a change. `user` is a named person; the others are the machine acting by itself or for somebody. */
export interface Actor {
  readonly kind: 'user' | 'service' | 'system' | 'automation';
  readonly id: string;
  readonly roles: readonly Role[];
  /** True when a credential proved who this is; false for the open loopback mode. */
  readonly authenticated: boolean;
}

/** The server itself, for example the scheduler. */
export const systemActor: Actor = { kind: 'system', id: 'fairlead', roles: [], authenticated: true };

/** An automation rule acting by itself. */
export function automationActor(ruleName: string): Actor {
  return { kind: 'automation', id: ruleName, roles: [], authenticated: true };
}
