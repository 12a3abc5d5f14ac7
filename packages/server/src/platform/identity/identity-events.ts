import { defineEvent, type Role } from '@fairlead/kernel';

export const personAdded = defineEvent<{ roles: readonly Role[]; kind: 'user' | 'service' }>(
  'identity.person-added',
  'A person or service can hold tokens now',
);
export const rolesChanged = defineEvent<{ roles: readonly Role[] }>(
  'identity.roles-changed',
  'A person has other roles now',
);
export const personDisabled = defineEvent<Record<string, never>>(
  'identity.person-disabled',
  'A person is shut out, with all tokens',
);
export const tokenIssued = defineEvent<{ tokenId: string; label: string; expiresAtMs: number }>(
  'identity.token-issued',
  'A token was issued; its secret is not recorded',
);
export const tokenRevoked = defineEvent<{ tokenId: string }>('identity.token-revoked', 'A token is no longer valid');
export const accessDenied = defineEvent<{ action: string; operation: string }>(
  'identity.access-denied',
  'Somebody tried what their roles do not allow',
);
