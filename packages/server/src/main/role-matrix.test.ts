import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Role, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../platform/config/index.js';
import { createLogger } from '../platform/telemetry/index.js';
import { createFairlead, type Fairlead } from './create-fairlead.js';

/** Answered without a token, as orchestrators ask for them: they tell nothing but that the process runs, and which. */
const PUBLIC = [
  'GET /livez',
  'GET /readyz',
  'GET /version',
  'GET /health',
  'GET /api/v1/version',
  'GET /v2/health/live',
  'GET /v2/health/ready',
];
/** Any token will do: they tell whoever asks about itself, or how to ask. */
const ANY_TOKEN = ['GET /metrics', 'GET /api/v1/whoami', 'GET /v2', 'GET /api/openapi.json', 'GET /api/docs'];

/** POST because they take a body; they answer from what stands and change nothing. */
const ANSWERS = [
  'POST /v2/repository/index',
  'POST /api/v1/rules/{name}/rehearsals',
  'POST /api/v1/runs/search',
  'POST /api/v1/runs/compare',
];

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly exclusiveMaximum?: number;
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly examples?: readonly unknown[];
}

interface Operation {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly body?: { readonly type: string; readonly payload: string };
}

let home: string;
let fairlead: Fairlead;
let components: Readonly<Record<string, Schema>>;
let operations: Operation[];
let admin: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'fairlead-roles-'));
  const flags = { home, logLevel: 'silent', identityRequired: true };
  const config = loadConfig({ flags, env: {}, cwd: home });
  fairlead = await createFairlead({ config, logger: createLogger(config), cwd: home });
  await fairlead.app.ready();
  admin = await tokenOf('root', ['admin']);
  const document = (await send('GET', '/api/openapi.json', admin)).json();
  components = document.components.schemas;
  operations = operationsOf(document);
}, 60_000);
afterAll(async () => {
  await fairlead?.stop();
  rmSync(home, { recursive: true, force: true });
});

async function tokenOf(name: string, roles: Role[]): Promise<string> {
  const { identity } = fairlead.platform;
  const context = { actor: systemActor };
  await identity.addPerson(context, { name, displayName: name, kind: 'user', roles });
  return (await identity.issueToken(context, { person: name, label: 'test' })).token;
}

function send(method: Operation['method'], url: string, token?: string, body?: Operation['body']) {
  return fairlead.app.inject({
    ...{ method, url },
    headers: {
      host: 'localhost',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': body.type }),
    },
    ...(body !== undefined && { payload: body.payload }),
  });
}

function operationsOf({ paths }: { paths: Record<string, Record<string, OperationObject>> }): Operation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): Operation => {
      const parameters = operation.parameters ?? [];
      const query = parameters
        .filter((parameter) => parameter.in === 'query' && parameter.required)
        .map((parameter) => `${parameter.name}=${encodeURIComponent(String(sample(parameter.schema)))}`);
      const known = new Map(parameters.map(({ name, schema }) => [name, schema]));
      const url = path.replace(/\{([^}]+)\}/g, (_, name) => String(sample(known.get(name) ?? { type: 'string' })));
      const [content] = Object.entries(operation.requestBody?.content ?? {});
      const body = content && {
        type: content[0],
        payload: JSON.stringify(content[1].example ?? sample(content[1].schema ?? {})),
      };
      return {
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase() as Operation['method'],
        url: [url, ...query].join(query.length === 0 ? '' : '?').replace(/\?([^?]*)\?/g, '?$1&'),
        ...(body !== undefined && { body }),
      };
    }),
  );
}

interface OperationObject {
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: Schema }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { schema?: Schema; example?: unknown }>> };
}

/** The smallest value that a schema accepts. */
function sample(schema: Schema): unknown {
  if (schema.$ref !== undefined) return sample(components[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  if (schema.examples !== undefined) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf !== undefined) return sample(schema.anyOf[0] ?? {});
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'object') {
    return Object.fromEntries((schema.required ?? []).map((key) => [key, sample(schema.properties?.[key] ?? {})]));
  }
  if (type === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items ?? {}));
  if (type === 'integer' || type === 'number')
    return schema.exclusiveMaximum === undefined ? (schema.minimum ?? 1) : schema.exclusiveMaximum / 2;
  if (type === 'boolean') return false;
  const digits = /^\^\[0-9a-f\]\{(\d+)\}\$$/.exec(schema.pattern ?? '');
  if (digits !== null) return '0'.repeat(Number(digits[1]));
  return 'x'.repeat(Math.max(1, schema.minLength ?? 1));
}

describe('every operation of the server', () => {
  it('is in the document, by the dozen', () => {
    expect(operations.length).toBeGreaterThan(80);
  });

  it('asks for a token, but for the few that say only that the server runs', async () => {
    const open: string[] = [];
    for (const { name, method, url, body } of operations) {
      const { statusCode } = await send(method, url, undefined, body);
      if (statusCode !== 401) open.push(name);
    }
    expect(open.filter((name) => !PUBLIC.includes(name))).toEqual([]);
  });

  it('refuses a person without roles', async () => {
    const token = await tokenOf('nobody', []);
    const open: string[] = [];
    for (const { name, method, url, body } of operations) {
      if (PUBLIC.includes(name) || ANY_TOKEN.includes(name)) continue;
      const { statusCode, body: text } = await send(method, url, token, body);
      if (statusCode !== 403) open.push(`${name} ${statusCode} ${text.slice(0, 160)}`);
    }
    expect(open).toEqual([]);
    const { events } = await fairlead.rooms.governance.audit({ actor: 'nobody', limit: 1_000 });
    const denied = events.filter((event) => event.type === 'identity.access-denied' && event.outcome === 'denied');
    expect(denied.map((event) => (event.payload as { operation: string }).operation)).toContain(
      'POST /api/v1/releases',
    );
    // Each once, however often it is tried.
    await send('GET', '/api/v1/audit', token);
    expect((await fairlead.rooms.governance.audit({ actor: 'nobody', limit: 1_000 })).events).toHaveLength(
      events.length,
    );
  });

  it('lets a viewer change nothing', async () => {
    const token = await tokenOf('vic', ['viewer']);
    const open: string[] = [];
    for (const { name, method, url, body } of operations) {
      if (method === 'GET' || ANSWERS.includes(name)) continue;
      const { statusCode, body: text } = await send(method, url, token, body);
      if (statusCode !== 403) open.push(`${name} ${statusCode} ${text.slice(0, 160)}`);
    }
    expect(open).toEqual([]);
  });
});

describe('applying a project', () => {
  const rights = { actors: {} as Record<string, string> };
  const apply = (who: string, project: unknown) =>
    send('POST', '/api/v1/projects/apply', rights.actors[who], {
      type: 'application/json',
      payload: JSON.stringify({ folder: home, project }),
    });
  const project = (count: number) => ({
    project: 'p',
    endpoints: {
      rain: {
        model: 'rain',
        release: {
          gates: [{ kind: 'contract' }],
          approval: { required: [{ role: 'qa', count }] },
          rollout: { kind: 'all-at-once' },
        },
      },
    },
  });

  it('is for engineers but for the release policies, which are for risk managers', async () => {
    rights.actors.mel = await tokenOf('mel', ['ml-engineer']);
    rights.actors.rik = await tokenOf('rik', ['risk-manager']);
    rights.actors.dan = await tokenOf('dan', ['data-scientist', 'qa']);
    const refused = await apply('mel', project(1));
    expect(refused.json()).toMatchObject({ error: { code: 'IDN_FORBIDDEN', data: { action: 'policy:write' } } });
    expect(await fairlead.rooms.serving.endpoints()).toEqual([]);
    expect((await apply('dan', project(1))).statusCode).toBe(403);
    expect((await apply('rik', project(1))).json().changes).toMatchObject([{ kind: 'policy', action: 'create' }]);
    expect((await apply('mel', project(1))).json().changes).toMatchObject([
      { kind: 'endpoint', action: 'create' },
      { kind: 'policy', action: 'none' },
    ]);
    expect((await apply('mel', project(2))).statusCode).toBe(403);
  });
});
