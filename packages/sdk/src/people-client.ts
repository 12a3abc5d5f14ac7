import type { Role } from '@fairlead/kernel';
import type { Transport } from './call-types.js';

/** Somebody, or some program, that can hold tokens. */
export interface PersonView {
  readonly name: string;
  readonly displayName: string;
  readonly kind: 'user' | 'service';
  readonly roles: readonly Role[];
  readonly createdAtMs: number;
  readonly disabledAtMs: number | null;
}

export interface TokenView {
  readonly id: string;
  readonly person: string;
  readonly label: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly revokedAtMs: number | null;
}

/** A token just issued; `token` is the only copy of the secret. */
export interface IssuedTokenView extends TokenView {
  readonly token: string;
}

export interface WhoAmI {
  readonly id: string;
  readonly kind: string;
  readonly roles: readonly Role[];
  readonly authenticated: boolean;
  /** Everything you may do, for example `release:request`. */
  readonly actions: readonly string[];
}

export interface NewPerson {
  readonly name: string;
  readonly displayName?: string;
  readonly kind?: 'user' | 'service';
  readonly roles: readonly Role[];
}

export function peopleClient({ json }: Transport) {
  return {
    /** Who the server takes you for. */
    whoami: () => json<WhoAmI>('whoami'),
    list: () => json<{ people: PersonView[] }>('listPeople'),
    get: (name: string) => json<PersonView>('getPerson', { params: { name } }),
    add: (person: NewPerson) => json<PersonView>('addPerson', { body: person }),
    setRoles: (name: string, roles: readonly Role[]) =>
      json<PersonView>('setRoles', { params: { name }, body: { roles } }),
    /** Shuts the person out for good. */
    disable: (name: string) => json<PersonView>('disablePerson', { params: { name } }),
    tokens: (name: string) => json<{ tokens: TokenView[] }>('listTokens', { params: { name } }),
    issueToken: (name: string, token: { label: string; expiresInDays?: number }) =>
      json<IssuedTokenView>('issueToken', { params: { name }, body: token }),
    revokeToken: (name: string, id: string) => json<TokenView>('revokeToken', { params: { name, id } }),
  };
}
