import { isName, ROLES, type Role } from '@fairlead/kernel';
import type { ChangeContext, Reader } from '../db/index.js';
import { identityErrors } from './identity-errors.js';
import { personAdded, personDisabled, rolesChanged } from './identity-events.js';
import type { IdentityParts } from './identity-parts.js';
import { insertPerson, readPeople, readPerson, updatePerson } from './identity-store.sql.js';
import type { NewPerson, Person } from './identity-types.js';

type Parts = Pick<IdentityParts, 'db' | 'clock'>;

const MAX_DISPLAY_CHARACTERS = 200;
/** Names the ledger already uses for actors that are nobody: a person of that name could pass for them. */
const RESERVED = new Set(['local', 'fairlead']);

const subjectOf = (name: string) => ({ kind: 'person', id: name });

/** The person, or IDN_PERSON_NOT_FOUND. */
export async function personOf(reader: Reader, name: string): Promise<Person> {
  const person = await readPerson(reader, name);
  if (person === undefined)
    throw identityErrors.IDN_PERSON_NOT_FOUND(`There is nobody named ${name}.`, { data: { name } });
  return person;
}

/** The person, unless disabled: IDN_PERSON_DISABLED. */
export async function activePersonOf(reader: Reader, name: string): Promise<Person> {
  const person = await personOf(reader, name);
  if (person.disabledAtMs !== null) {
    throw identityErrors.IDN_PERSON_DISABLED(`${name} is disabled.`, { data: { name } });
  }
  return person;
}

export async function addPerson({ db, clock }: Parts, context: ChangeContext, given: NewPerson): Promise<Person> {
  const { name, displayName = name, kind = 'user' } = given;
  if (!isName(name) || RESERVED.has(name)) {
    throw identityErrors.IDN_INVALID(`${JSON.stringify(name)} cannot be the name of a person.`, { data: { name } });
  }
  if (displayName.length > MAX_DISPLAY_CHARACTERS) {
    throw identityErrors.IDN_INVALID(`A display name has at most ${MAX_DISPLAY_CHARACTERS} characters.`);
  }
  const roles = checkRoles(given.roles);
  const person: Person = { name, displayName, kind, roles, createdAtMs: clock.nowMs(), disabledAtMs: null };
  return db.transact(context, async (tx) => {
    if ((await readPerson(tx, name)) !== undefined) {
      throw identityErrors.IDN_PERSON_EXISTS(`Somebody is named ${name} already.`, { data: { name } });
    }
    await insertPerson(tx, person);
    tx.record(personAdded.of(subjectOf(name), { roles, kind }, { after: person }));
    return person;
  });
}

export async function setRoles(
  { db }: Parts,
  context: ChangeContext,
  { name, roles: given }: { name: string; roles: readonly Role[] },
): Promise<Person> {
  const roles = checkRoles(given);
  return db.transact(context, async (tx) => {
    const before = await activePersonOf(tx, name);
    const after = { ...before, roles };
    await keepAnAdmin(tx, after);
    await updatePerson(tx, after);
    tx.record(rolesChanged.of(subjectOf(name), { roles }, { before, after }));
    return after;
  });
}

export async function disablePerson({ db, clock }: Parts, context: ChangeContext, name: string): Promise<Person> {
  return db.transact(context, async (tx) => {
    const before = await personOf(tx, name);
    if (before.disabledAtMs !== null) return before;
    const after = { ...before, disabledAtMs: clock.nowMs() };
    await keepAnAdmin(tx, after);
    await updatePerson(tx, after);
    tx.record(personDisabled.of(subjectOf(name), {}, { before, after }));
    return after;
  });
}

/** Refuses to turn the only admin into somebody who is none: nobody could undo it. */
async function keepAnAdmin(reader: Reader, changed: Person): Promise<void> {
  const isAdmin = (person: Person) => person.disabledAtMs === null && person.roles.includes('admin');
  const people = await readPeople(reader);
  const admins = people.filter(isAdmin);
  if (admins.length !== 1 || admins[0]?.name !== changed.name || isAdmin(changed)) return;
  throw identityErrors.IDN_LAST_ADMIN(`${changed.name} is the only admin.`, { data: { name: changed.name } });
}

function checkRoles(roles: readonly Role[]): Role[] {
  const unknown = roles.filter((role) => !ROLES.includes(role));
  if (unknown.length > 0) {
    throw identityErrors.IDN_INVALID(`There is no role ${unknown.join(', ')}.`, {
      data: { got: unknown, expected: ROLES },
    });
  }
  return ROLES.filter((role) => roles.includes(role));
}
