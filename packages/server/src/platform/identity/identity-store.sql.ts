import type { Role } from '@fairlead/kernel';
import type { Reader } from '../db/index.js';
import type { Person, TokenFacts } from './identity-types.js';

interface PersonRow {
  name: string;
  display_name: string;
  kind: string;
  roles: string;
  created_at_ms: number;
  disabled_at_ms: number | null;
}

interface TokenRow {
  id: string;
  person: string;
  label: string;
  secret_hash: string;
  created_at_ms: number;
  expires_at_ms: number;
  revoked_at_ms: number | null;
}

interface Tables {
  person: PersonRow;
  access_token: TokenRow;
}

const toPerson = (row: PersonRow): Person => ({
  name: row.name,
  displayName: row.display_name,
  kind: row.kind as Person['kind'],
  roles: JSON.parse(row.roles) as Role[],
  createdAtMs: row.created_at_ms,
  disabledAtMs: row.disabled_at_ms,
});

const toToken = (row: Omit<TokenRow, 'secret_hash'>): TokenFacts => ({
  id: row.id,
  person: row.person,
  label: row.label,
  createdAtMs: row.created_at_ms,
  expiresAtMs: row.expires_at_ms,
  revokedAtMs: row.revoked_at_ms,
});

const TOKEN_FACTS = ['id', 'person', 'label', 'created_at_ms', 'expires_at_ms', 'revoked_at_ms'] as const;

/** All people by name. */
export async function readPeople(reader: Reader): Promise<Person[]> {
  return (await reader.sql<Tables>().selectFrom('person').selectAll().orderBy('name').execute()).map(toPerson);
}

export async function readPerson(reader: Reader, name: string): Promise<Person | undefined> {
  const row = await reader.sql<Tables>().selectFrom('person').selectAll().where('name', '=', name).executeTakeFirst();
  return row && toPerson(row);
}

export async function insertPerson(reader: Reader, person: Person): Promise<void> {
  await reader
    .sql<Tables>()
    .insertInto('person')
    .values({
      name: person.name,
      display_name: person.displayName,
      kind: person.kind,
      roles: JSON.stringify(person.roles),
      created_at_ms: person.createdAtMs,
      disabled_at_ms: person.disabledAtMs,
    })
    .execute();
}

/** Writes the roles and the state of somebody who exists. */
export async function updatePerson(reader: Reader, person: Person): Promise<void> {
  await reader
    .sql<Tables>()
    .updateTable('person')
    .set({ roles: JSON.stringify(person.roles), disabled_at_ms: person.disabledAtMs })
    .where('name', '=', person.name)
    .execute();
}

/** Newest first. */
export async function readTokens(reader: Reader, person: string): Promise<TokenFacts[]> {
  const rows = await reader
    .sql<Tables>()
    .selectFrom('access_token')
    .select(TOKEN_FACTS)
    .where('person', '=', person)
    .orderBy('created_at_ms', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(toToken);
}

/** A token with the hash of its secret and its person, for authentication. */
export async function readCredential(
  reader: Reader,
  tokenId: string,
): Promise<{ token: TokenFacts; secretHash: string; person: Person } | undefined> {
  const sql = reader.sql<Tables>();
  const row = await sql.selectFrom('access_token').selectAll().where('id', '=', tokenId).executeTakeFirst();
  const person = row && (await readPerson(reader, row.person));
  return row && person && { token: toToken(row), secretHash: row.secret_hash, person };
}

export async function insertToken(reader: Reader, token: TokenFacts & { secretHash: string }): Promise<void> {
  await reader
    .sql<Tables>()
    .insertInto('access_token')
    .values({
      id: token.id,
      person: token.person,
      label: token.label,
      secret_hash: token.secretHash,
      created_at_ms: token.createdAtMs,
      expires_at_ms: token.expiresAtMs,
      revoked_at_ms: token.revokedAtMs,
    })
    .execute();
}

export async function markRevoked(reader: Reader, { id, atMs }: { id: string; atMs: number }): Promise<void> {
  await reader.sql<Tables>().updateTable('access_token').set({ revoked_at_ms: atMs }).where('id', '=', id).execute();
}
