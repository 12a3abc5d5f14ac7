import type { ChangeContext } from '../db/index.js';
import { identityErrors } from './identity-errors.js';
import { tokenIssued, tokenRevoked } from './identity-events.js';
import type { IdentityParts } from './identity-parts.js';
import { insertToken, markRevoked, readTokens } from './identity-store.sql.js';
import type { IssuedToken, NewToken, TokenFacts } from './identity-types.js';
import { activePersonOf } from './manage-people.js';
import { hashSecret, makeToken } from './token-secret.js';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;
const MAX_DAYS = 365;
const MAX_LABEL_CHARACTERS = 100;

export async function issueToken(
  { db, clock, pepper }: IdentityParts,
  context: ChangeContext,
  { person, label, expiresInDays = DEFAULT_DAYS }: NewToken,
): Promise<IssuedToken> {
  if (!(expiresInDays > 0 && expiresInDays <= MAX_DAYS)) {
    throw identityErrors.IDN_INVALID(`A token cannot last ${expiresInDays} days.`, { data: { expiresInDays } });
  }
  if (label.trim() === '' || label.length > MAX_LABEL_CHARACTERS) {
    throw identityErrors.IDN_INVALID(`A label has 1 to ${MAX_LABEL_CHARACTERS} characters.`, { data: { label } });
  }
  const { id, secret, token } = makeToken();
  const createdAtMs = clock.nowMs();
  const expiresAtMs = createdAtMs + Math.round(expiresInDays * DAY_MS);
  const facts: TokenFacts = { id, person, label, createdAtMs, expiresAtMs, revokedAtMs: null };
  await db.transact(context, async (tx) => {
    await activePersonOf(tx, person);
    await insertToken(tx, { ...facts, secretHash: hashSecret({ id, secret }, pepper) });
    tx.record(tokenIssued.of({ kind: 'person', id: person }, { tokenId: id, label, expiresAtMs }, { after: facts }));
  });
  return { ...facts, token };
}

export async function revokeToken(
  { db, clock }: IdentityParts,
  context: ChangeContext,
  { person, id }: { person: string; id: string },
): Promise<TokenFacts> {
  return db.transact(context, async (tx) => {
    const before = (await readTokens(tx, person)).find((token) => token.id === id);
    if (before === undefined) {
      throw identityErrors.IDN_TOKEN_NOT_FOUND(`${person} has no token ${id}.`, { data: { person, id } });
    }
    if (before.revokedAtMs !== null) return before;
    const after = { ...before, revokedAtMs: clock.nowMs() };
    await markRevoked(tx, { id, atMs: after.revokedAtMs });
    tx.record(tokenRevoked.of({ kind: 'person', id: person }, { tokenId: id }, { before, after }));
    return after;
  });
}
