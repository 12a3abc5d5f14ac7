import { NAME_PATTERN, ROLES } from '@fairlead/kernel';
import { Type } from 'typebox';
import type { Db } from '../db/index.js';
import { type App, actorOf, requestContext } from '../http/index.js';
import { createDenialLog, recordDenials } from './denial-log.js';
import { ACTIONS, can, requireCan } from './identity-rules.js';
import type { Identity, Person } from './identity-types.js';

const tags = ['identity'];
const name = Type.String({ pattern: NAME_PATTERN });
const label = Type.String({ minLength: 1, maxLength: 100 });
const roles = Type.Array(Type.Enum([...ROLES]), { maxItems: ROLES.length, uniqueItems: true });
const kind = Type.Enum(['user', 'service']);
const nullableMs = Type.Union([Type.Integer(), Type.Null()]);
const closed = { additionalProperties: false };

const person = Type.Object({
  name,
  displayName: Type.String(),
  kind,
  roles,
  createdAtMs: Type.Integer(),
  disabledAtMs: nullableMs,
});
const tokenFacts = {
  id: Type.String(),
  person: name,
  label: Type.String(),
  createdAtMs: Type.Integer(),
  expiresAtMs: Type.Integer(),
  revokedAtMs: nullableMs,
};
const params = Type.Object({ name });
const describe = (operationId: string, summary: string) => ({ operationId, summary, tags });

export interface IdentityRoutesOptions {
  readonly identity: Identity;
  /** Attempts that the roles do not allow are recorded in its ledger. */
  readonly db: Db;
}

/** /api/v1/whoami, /api/v1/people and the tokens below it. */
export function addIdentityRoutes(app: App, options: IdentityRoutesOptions): void {
  recordDenials(app, createDenialLog(options.db));
  addWhoami(app);
  addPeopleRoutes(app, options);
  addTokenRoutes(app, options);
}

function addWhoami(app: App): void {
  const actor = Type.Object({
    id: Type.String(),
    kind: Type.String(),
    roles,
    authenticated: Type.Boolean(),
    actions: Type.Array(Type.String()),
  });
  const schema = {
    ...describe('whoami', 'Who the server takes you for, and what you may do'),
    response: { 200: actor },
  };
  app.get('/api/v1/whoami', { schema }, async (request) => {
    const { id, kind: actorKind, roles: held, authenticated } = actorOf(request);
    const actions = ACTIONS.filter((action) => can(actorOf(request), action));
    return { id, kind: actorKind, roles: [...held], authenticated, actions };
  });
}

function addPeopleRoutes(app: App, { identity }: IdentityRoutesOptions): void {
  const listed = { 200: Type.Object({ people: Type.Array(person) }) };
  app.get(
    '/api/v1/people',
    { schema: { ...describe('listPeople', 'All people'), response: listed } },
    async (request) => {
      requireCan(actorOf(request), 'person:read');
      return { people: (await identity.listPeople()).map(present) };
    },
  );
  const body = Type.Object(
    { name, displayName: Type.Optional(Type.String({ maxLength: 200 })), kind: Type.Optional(kind), roles },
    closed,
  );
  const added = { ...describe('addPerson', 'Add a person or service'), body, response: { 201: person } };
  app.post('/api/v1/people', { schema: added }, async (request, reply) => {
    requireCan(actorOf(request), 'person:write');
    return reply.code(201).send(present(await identity.addPerson(requestContext(request), request.body)));
  });
  const one = { ...describe('getPerson', 'One person'), params, response: { 200: person } };
  app.get('/api/v1/people/:name', { schema: one }, async (request) => {
    requireCan(actorOf(request), 'person:read');
    return present(await identity.getPerson(request.params.name));
  });
  const changed = {
    ...describe('setRoles', 'Replace the roles of a person'),
    params,
    body: Type.Object({ roles }, closed),
    response: { 200: person },
  };
  app.put('/api/v1/people/:name/roles', { schema: changed }, async (request) => {
    requireCan(actorOf(request), 'person:write');
    return present(
      await identity.setRoles(requestContext(request), { name: request.params.name, roles: request.body.roles }),
    );
  });
  const disabled = { ...describe('disablePerson', 'Shut a person out for good'), params, response: { 200: person } };
  app.post('/api/v1/people/:name/disable', { schema: disabled }, async (request) => {
    requireCan(actorOf(request), 'person:write');
    return present(await identity.disablePerson(requestContext(request), request.params.name));
  });
}

function addTokenRoutes(app: App, { identity }: IdentityRoutesOptions): void {
  const facts = Type.Object(tokenFacts);
  const listed = { 200: Type.Object({ tokens: Type.Array(facts) }) };
  const list = { ...describe('listTokens', 'The tokens of a person'), params, response: listed };
  app.get('/api/v1/people/:name/tokens', { schema: list }, async (request) => {
    requireCan(actorOf(request), 'person:read');
    return { tokens: [...(await identity.listTokens(request.params.name))] };
  });
  const body = Type.Object(
    { label, expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 365, default: 90 })) },
    closed,
  );
  const issued = Type.Object({ ...tokenFacts, token: Type.String({ description: 'The secret; never shown again.' }) });
  const issue = { ...describe('issueToken', 'Issue a token'), params, body, response: { 201: issued } };
  app.post('/api/v1/people/:name/tokens', { schema: issue }, async (request, reply) => {
    requireCan(actorOf(request), 'person:write');
    const { name: owner } = request.params;
    return reply.code(201).send(await identity.issueToken(requestContext(request), { person: owner, ...request.body }));
  });
  const both = Type.Object({ name, id: Type.String({ pattern: '^[0-9a-f]{16}$' }) });
  const revoke = { ...describe('revokeToken', 'Revoke a token'), params: both, response: { 200: facts } };
  app.delete('/api/v1/people/:name/tokens/:id', { schema: revoke }, async (request) => {
    requireCan(actorOf(request), 'person:write');
    const { name: owner, id } = request.params;
    return identity.revokeToken(requestContext(request), { person: owner, id });
  });
}

function present(found: Person) {
  return { ...found, roles: [...found.roles] };
}
