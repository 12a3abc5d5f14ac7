import { newId, type Role, systemActor } from '@fairlead/kernel';
import type { FairleadClient, IssuedTokenView, NewPerson, PersonView, TokenView } from '@fairlead/sdk';
import type { OfflineIdentity } from '@fairlead/server';
import type { Session } from '../../define-command.js';

export interface OfflineFlags {
  readonly home?: string;
  readonly databaseUrl?: string;
}

/** What can be done about people both on a server and on its database. */
export interface People {
  list(): Promise<readonly PersonView[]>;
  add(person: NewPerson): Promise<PersonView>;
  setRoles(name: string, roles: readonly Role[]): Promise<PersonView>;
  issueToken(name: string, token: { label: string; expiresInDays?: number }): Promise<IssuedTokenView>;
  revokeToken(name: string, id: string): Promise<TokenView>;
}

/** Does `work` on the server, or with --home or --database-url on the database itself: the first admin comes that way. */
export async function withPeople<T>(
  session: Session,
  { home, databaseUrl }: OfflineFlags,
  work: (people: People) => Promise<T>,
): Promise<T> {
  if (home === undefined && databaseUrl === undefined) return work(onServer(session.client));
  const { offlineIdentity } = await import('@fairlead/server');
  const flags = { ...(home !== undefined && { home }), ...(databaseUrl !== undefined && { databaseUrl }) };
  const door = await offlineIdentity({ flags, env: session.io.env, cwd: session.io.cwd });
  try {
    return await work(onDatabase(door));
  } finally {
    await door.close();
  }
}

function onServer({ people }: FairleadClient): People {
  return { ...people, list: async () => (await people.list()).people };
}

/** The change is recorded as the system's: nobody has proved to be anybody yet. */
function onDatabase({ identity }: OfflineIdentity): People {
  const context = { actor: systemActor, requestId: newId() };
  return {
    list: () => identity.listPeople(),
    add: (person) => identity.addPerson(context, person),
    setRoles: (name, roles) => identity.setRoles(context, { name, roles }),
    issueToken: (name, token) => identity.issueToken(context, { person: name, ...token }),
    revokeToken: (name, id) => identity.revokeToken(context, { person: name, id }),
  };
}
