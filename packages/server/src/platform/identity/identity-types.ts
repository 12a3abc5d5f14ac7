import type { Actor, Role } from '@fairlead/kernel';
import type { ChangeContext } from '../db/index.js';
import type { LentToken } from './lent-tokens.js';

/** Somebody or some program that can hold tokens. */
export interface Person {
  readonly name: string;
  readonly displayName: string;
  /** A `service` is a program: it can do what its roles allow, but never sign. */
  readonly kind: 'user' | 'service';
  readonly roles: readonly Role[];
  readonly createdAtMs: number;
  readonly disabledAtMs: number | null;
}

/** What may be told about a token; the secret is shown once, when it is issued. */
export interface TokenFacts {
  readonly id: string;
  readonly person: string;
  readonly label: string;
  readonly createdAtMs: number;
  /** The first moment at which it is no longer valid. */
  readonly expiresAtMs: number;
  readonly revokedAtMs: number | null;
}

export interface NewPerson {
  readonly name: string;
  readonly displayName?: string;
  readonly kind?: 'user' | 'service';
  readonly roles: readonly Role[];
}

export interface NewToken {
  readonly person: string;
  readonly label: string;
  /** 1..365; 90 when absent. */
  readonly expiresInDays?: number;
}

/** A token just issued; `token` is the only copy of the secret. */
export interface IssuedToken extends TokenFacts {
  readonly token: string;
}

/** People, their roles and their tokens. Changes record events; they do not ask `can`: routes and commands do. */
export interface Identity {
  /** Throws IDN_INVALID, IDN_PERSON_EXISTS. */
  addPerson(context: ChangeContext, person: NewPerson): Promise<Person>;
  /** Throws IDN_INVALID, IDN_PERSON_NOT_FOUND, IDN_PERSON_DISABLED, IDN_LAST_ADMIN. */
  setRoles(context: ChangeContext, change: { name: string; roles: readonly Role[] }): Promise<Person>;
  /** Ends all tokens of the person at once and for good. Throws IDN_PERSON_NOT_FOUND, IDN_LAST_ADMIN. */
  disablePerson(context: ChangeContext, name: string): Promise<Person>;
  /** Throws IDN_INVALID, IDN_PERSON_NOT_FOUND, IDN_PERSON_DISABLED. */
  issueToken(context: ChangeContext, token: NewToken): Promise<IssuedToken>;
  /** Throws IDN_TOKEN_NOT_FOUND. Revoking twice changes nothing. */
  revokeToken(context: ChangeContext, token: { person: string; id: string }): Promise<TokenFacts>;
  /** All people by name, the disabled ones included. */
  listPeople(): Promise<readonly Person[]>;
  /** Throws IDN_PERSON_NOT_FOUND. */
  getPerson(name: string): Promise<Person>;
  /** Newest first. Throws IDN_PERSON_NOT_FOUND. */
  listTokens(person: string): Promise<readonly TokenFacts[]>;
  /** The actor behind an Authorization header, `none` without one. Throws IDN_TOKEN_INVALID. */
  authenticate(authorization: string | undefined): Promise<Actor | 'none'>;
  /** Like `authenticate`, but nobody is the local user in the open mode, and IDN_TOKEN_REQUIRED otherwise. */
  identify(authorization: string | undefined): Promise<Actor>;
  /** A token for a program that this process starts; it opens what the actor may do until it is taken back. */
  lendToken(actor: Actor): LentToken;
  /** True when an enabled person with the role admin exists. */
  isConfigured(): Promise<boolean>;
}
