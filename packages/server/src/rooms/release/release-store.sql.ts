import type { Reader } from '../../platform/db/index.js';
import type { Environment } from './environments/environment-types.js';
import type { ReleaseStore } from './release-store.js';
import type { Release, ReleasePolicy } from './release-types.js';

interface Tables {
  release_policy: { endpoint: string; digest: string; body: string; updated_at_ms: number };
  release_environment: { name: string; body: string; updated_at_ms: number };
  release_release: ReleaseRow;
  release_approval: { endpoint: string; model_digest: string; release_id: string; approved_at_ms: number };
}

interface ReleaseRow {
  id: string;
  revision: number;
  endpoint: string;
  environment: string;
  model: string;
  version: number;
  model_digest: string;
  state: string;
  body: string;
  created_at_ms: number;
  updated_at_ms: number;
}

export const sqlReleaseStore: ReleaseStore = {
  policy: async (reader, endpoint) => (await readPolicies(reader, endpoint))[0],
  policies: (reader) => readPolicies(reader),
  savePolicy: async (tx, policy, atMs) => {
    const row = { digest: policy.digest, body: JSON.stringify(policy), updated_at_ms: atMs };
    await tx
      .sql<Tables>()
      .insertInto('release_policy')
      .values({ endpoint: policy.endpoint, ...row })
      .onConflict((c) => c.column('endpoint').doUpdateSet(row))
      .execute();
  },

  environment: async (reader, name) => (await readEnvironments(reader, name))[0],
  environments: (reader) => readEnvironments(reader),
  saveEnvironment: async (tx, environment, atMs) => {
    const row = { body: JSON.stringify(environment), updated_at_ms: atMs };
    await tx
      .sql<Tables>()
      .insertInto('release_environment')
      .values({ name: environment.name, ...row })
      .onConflict((c) => c.column('name').doUpdateSet(row))
      .execute();
  },
  removeEnvironment: async (tx, name) => {
    await tx.sql<Tables>().deleteFrom('release_environment').where('name', '=', name).execute();
  },

  release: async (reader, id) => {
    const query = reader.sql<Tables>().selectFrom('release_release').selectAll().where('id', '=', id);
    const row = await query.executeTakeFirst();
    return row && toRelease(row);
  },
  releases: async (reader, { endpoint, environment, states, limit }) => {
    let query = reader.sql<Tables>().selectFrom('release_release').selectAll();
    if (endpoint !== undefined) query = query.where('endpoint', '=', endpoint);
    if (environment !== undefined) query = query.where('environment', '=', environment);
    if (states !== undefined) query = query.where('state', 'in', [...states]);
    const rows = await query.orderBy('created_at_ms', 'desc').orderBy('id', 'desc').limit(limit).execute();
    return rows.map(toRelease);
  },
  insert: async (tx, release) => {
    await tx.sql<Tables>().insertInto('release_release').values(toRow(release)).execute();
  },
  update: async (tx, release) => {
    const { id, ...row } = toRow(release);
    const result = await tx
      .sql<Tables>()
      .updateTable('release_release')
      .set(row)
      .where('id', '=', id)
      .where('revision', '=', release.revision - 1)
      .executeTakeFirst();
    return Number(result.numUpdatedRows) === 1;
  },

  addApproval: async (tx, { endpoint, modelDigest, releaseId, approvedAtMs }) => {
    await tx
      .sql<Tables>()
      .insertInto('release_approval')
      .values({ endpoint, model_digest: modelDigest, release_id: releaseId, approved_at_ms: approvedAtMs })
      .onConflict((c) => c.doNothing())
      .execute();
  },
  approvals: async (reader, { endpoint, modelDigest }) => {
    const rows = await reader
      .sql<Tables>()
      .selectFrom('release_approval')
      .selectAll()
      .where('endpoint', '=', endpoint)
      .where('model_digest', '=', modelDigest)
      .execute();
    return rows.map((row) => ({
      endpoint: row.endpoint,
      modelDigest: row.model_digest,
      releaseId: row.release_id,
      approvedAtMs: row.approved_at_ms,
    }));
  },
};

async function readPolicies(reader: Reader, endpoint?: string): Promise<ReleasePolicy[]> {
  let query = reader.sql<Tables>().selectFrom('release_policy').select('body');
  if (endpoint !== undefined) query = query.where('endpoint', '=', endpoint);
  return (await query.orderBy('endpoint').execute()).map((row) => JSON.parse(row.body) as ReleasePolicy);
}

async function readEnvironments(reader: Reader, name?: string): Promise<Environment[]> {
  let query = reader.sql<Tables>().selectFrom('release_environment').select('body');
  if (name !== undefined) query = query.where('name', '=', name);
  return (await query.orderBy('name').execute()).map((row) => JSON.parse(row.body) as Environment);
}

function toRow(release: Release): ReleaseRow {
  return {
    id: release.id,
    revision: release.revision,
    endpoint: release.endpoint,
    environment: release.environment,
    model: release.model,
    version: release.version,
    model_digest: release.modelDigest,
    state: release.state,
    body: JSON.stringify(release),
    created_at_ms: release.createdAtMs,
    updated_at_ms: release.updatedAtMs,
  };
}

function toRelease(row: ReleaseRow): Release {
  // Of releases older than environments the body names none: the column does.
  const { environment = row.environment, configurationDigest = null, ...body } = JSON.parse(row.body) as Release;
  return { ...body, environment, configurationDigest };
}
