import type { Actor, Clock } from '@fairlead/kernel';
import type { Config } from '../config/index.js';
import type { Db } from '../db/index.js';
import { identityErrors } from './identity-errors.js';
import type { IdentityParts } from './identity-parts.js';
import { localActor } from './identity-rules.js';
import { readCredential, readPeople, readTokens } from './identity-store.sql.js';
import type { Identity } from './identity-types.js';
import { LentTokens } from './lent-tokens.js';
import { loadPepper } from './load-pepper.js';
import { addPerson, disablePerson, personOf, setRoles } from './manage-people.js';
import { issueToken, revokeToken } from './manage-tokens.js';
import { hashSecret, isSameHash, parseAuthorization } from './token-secret.js';

export interface IdentityOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly config: Pick<Config, 'home' | 'identity'>;
  /**
   * Called when a token or its person can do less, or other things, than before, and awaited before the change is acknowledged:
   * whoever remembers verdicts forgets them.
   */
  readonly onChanged?: () => Promise<void>;
}

/** People and tokens in the database; makes the key file in home at the first run. Throws IDN_PEPPER_UNREADABLE. */
export function createIdentity({ db, clock, config, onChanged = async () => undefined }: IdentityOptions): Identity {
  const parts: IdentityParts = { db, clock, pepper: loadPepper(config.home) };
  const lent = new LentTokens(parts.pepper);
  const told = async <T>(change: Promise<T>): Promise<T> => {
    const changed = await change;
    await onChanged();
    return changed;
  };
  const authenticate = (authorization: string | undefined) => authenticateWith(parts, lent, authorization);
  return {
    addPerson: (context, person) => addPerson(parts, context, person),
    setRoles: (context, change) => told(setRoles(parts, context, change)),
    disablePerson: (context, name) => told(disablePerson(parts, context, name)),
    issueToken: (context, token) => issueToken(parts, context, token),
    revokeToken: (context, token) => told(revokeToken(parts, context, token)),
    listPeople: () => readPeople(db),
    getPerson: (name) => personOf(db, name),
    listTokens: async (person) => readTokens(db, (await personOf(db, person)).name),
    authenticate,
    identify: async (authorization) => {
      const actor = await authenticate(authorization);
      if (actor !== 'none') return actor;
      if (!config.identity.required) return localActor;
      throw identityErrors.IDN_TOKEN_REQUIRED('This server answers only to requests with a token.');
    },
    lendToken: (actor) => {
      const { token, takeBack } = lent.lend(actor);
      return {
        token,
        takeBack: () => {
          takeBack();
          void onChanged();
        },
      };
    },
    isConfigured: async () =>
      (await readPeople(db)).some(({ roles, disabledAtMs }) => disabledAtMs === null && roles.includes('admin')),
  };
}

async function authenticateWith(
  { db, clock, pepper }: IdentityParts,
  lent: LentTokens,
  authorization: string | undefined,
): Promise<Actor | 'none'> {
  if (authorization === undefined) return 'none';
  const parts = parseAuthorization(authorization);
  if (parts === undefined) throw identityErrors.IDN_TOKEN_INVALID('The Authorization header holds no Fairlead token.');
  const borrower = lent.actorOf(parts);
  if (borrower !== undefined) return named(borrower, parts.person);
  const credential = await readCredential(db, parts.id);
  // An unknown id and a wrong secret cost and look the same; only who has the secret learns why it is no longer good.
  if (!isSameHash(hashSecret(parts, pepper), credential?.secretHash) || credential === undefined) {
    throw identityErrors.IDN_TOKEN_INVALID('The token is unknown.');
  }
  const { token, person } = credential;
  const data = { tokenId: token.id };
  if (person.disabledAtMs !== null) throw identityErrors.IDN_TOKEN_INVALID('Its person is disabled.', { data });
  if (token.revokedAtMs !== null) throw identityErrors.IDN_TOKEN_INVALID('The token was revoked.', { data });
  if (clock.nowMs() >= token.expiresAtMs) throw identityErrors.IDN_TOKEN_INVALID('The token has expired.', { data });
  return named({ kind: person.kind, id: person.name, roles: person.roles, authenticated: true }, parts.person);
}

/** A name beside the token must be the token's own: whoever mixes two people up shall hear of it. */
function named(actor: Actor, name: string | undefined): Actor {
  if (name === undefined || name === actor.id) return actor;
  throw identityErrors.IDN_TOKEN_INVALID(`The token is not one of ${name.slice(0, 100)}.`);
}
