import type { Selectable } from 'kysely';
import type { Reader } from '../../platform/db/index.js';
import type { ModelSignature } from '../training/index.js';
import { configurationDigest } from './backends/configuration-digest.js';
import type { DeploymentConfiguration } from './backends/configuration-types.js';
import type { ArmCounts } from './routing/deployment-counters.js';
import type { CaptureObject, ServingStore, StoredDeployment } from './serving-store.js';
import type { DeploymentState, Endpoint, RoutingTable } from './serving-types.js';

interface Tables {
  serving_endpoint: {
    name: string;
    model: string;
    description: string;
    configuration: string;
    created_at_ms: number;
  };
  serving_deployment: {
    id: string;
    endpoint: string;
    environment: string;
    model: string;
    version: number;
    digest: string;
    signature: string;
    configuration: string;
    state: string;
    error: string | null;
    created_at_ms: number;
    created_by: string;
  };
  serving_routing: {
    endpoint: string;
    environment: string;
    revision: number;
    entries: string;
    shadows: string;
    spread: string | null;
    reason: string;
    set_by: string;
    set_at_ms: number;
  };
  serving_arm: { deployment_id: string; endpoint: string; environment: string; revision: number; counts: string };
  serving_capture_object: {
    segment: string;
    endpoint: string;
    digest: string;
    size_bytes: number;
    row_count: number;
    torn_lines: number;
    from_ms: number;
    until_ms: number;
  };
}

const toEndpoint = (row: Selectable<Tables['serving_endpoint']>): Endpoint => ({
  name: row.name,
  model: row.model,
  description: row.description,
  configuration: JSON.parse(row.configuration) as DeploymentConfiguration,
  createdAtMs: row.created_at_ms,
});

function configurationOf(row: { configuration: string }) {
  const configuration = JSON.parse(row.configuration) as DeploymentConfiguration;
  return { configuration, configurationDigest: configurationDigest(configuration) };
}

const toDeployment = (row: Selectable<Tables['serving_deployment']>): StoredDeployment => ({
  deployment: {
    id: row.id,
    endpoint: row.endpoint,
    environment: row.environment,
    model: row.model,
    version: row.version,
    digest: row.digest,
    ...configurationOf(row),
    state: row.state as DeploymentState,
    error: row.error,
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
  },
  signature: JSON.parse(row.signature) as ModelSignature,
});

const toRouting = (row: Selectable<Tables['serving_routing']>): RoutingTable => ({
  endpoint: row.endpoint,
  environment: row.environment,
  revision: row.revision,
  entries: JSON.parse(row.entries) as RoutingTable['entries'],
  shadows: JSON.parse(row.shadows) as RoutingTable['shadows'],
  ...(row.spread === 'rendezvous' && { spread: row.spread }),
  reason: row.reason,
  setBy: row.set_by,
  setAtMs: row.set_at_ms,
});

const toCaptureObject = (row: Selectable<Tables['serving_capture_object']>): CaptureObject => ({
  segment: row.segment,
  endpoint: row.endpoint,
  digest: row.digest,
  sizeBytes: row.size_bytes,
  rowCount: row.row_count,
  tornLines: row.torn_lines,
  fromMs: row.from_ms,
  untilMs: row.until_ms,
});

/** The store on SQLite or PostgreSQL. */
export function createServingStore(): ServingStore {
  return { ...endpointQueries, ...deploymentQueries, ...routingQueries, ...armQueries, ...captureQueries };
}

const sqlOf = (reader: Reader) => reader.sql<Tables>();

const endpointQueries: Pick<ServingStore, 'readEndpoint' | 'listEndpoints' | 'saveEndpoint'> = {
  readEndpoint: async (reader, name) => {
    const row = await sqlOf(reader)
      .selectFrom('serving_endpoint')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst();
    return row && toEndpoint(row);
  },
  listEndpoints: async (reader) =>
    (await sqlOf(reader).selectFrom('serving_endpoint').selectAll().orderBy('name').execute()).map(toEndpoint),
  saveEndpoint: async (tx, { name, model, description, configuration, createdAtMs }) => {
    const text = JSON.stringify(configuration);
    await tx
      .sql<Tables>()
      .insertInto('serving_endpoint')
      .values({ name, model, description, configuration: text, created_at_ms: createdAtMs })
      .onConflict((c) => c.column('name').doUpdateSet({ description, configuration: text }))
      .execute();
  },
};

const deploymentQueries: Pick<
  ServingStore,
  'readDeployment' | 'listDeployments' | 'insertDeployment' | 'setDeploymentState'
> = {
  readDeployment: async (reader, id) => {
    const row = await sqlOf(reader)
      .selectFrom('serving_deployment')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && toDeployment(row);
  },
  listDeployments: async (reader, { endpoint, environment, state }) => {
    let query = sqlOf(reader).selectFrom('serving_deployment').selectAll();
    if (endpoint !== undefined) query = query.where('endpoint', '=', endpoint);
    if (environment !== undefined) query = query.where('environment', '=', environment);
    if (state !== undefined) query = query.where('state', '=', state);
    return (await query.orderBy('created_at_ms', 'desc').orderBy('id', 'desc').execute()).map(toDeployment);
  },
  insertDeployment: async (tx, { deployment, signature }) => {
    const { createdAtMs, createdBy, configuration, configurationDigest: _, ...rest } = deployment;
    await tx
      .sql<Tables>()
      .insertInto('serving_deployment')
      .values({
        ...rest,
        signature: JSON.stringify(signature),
        configuration: JSON.stringify(configuration),
        created_at_ms: createdAtMs,
        created_by: createdBy,
      })
      .execute();
  },
  setDeploymentState: async (tx, id, { state, error }) => {
    await tx.sql<Tables>().updateTable('serving_deployment').set({ state, error }).where('id', '=', id).execute();
  },
};

const routingQueries: Pick<ServingStore, 'readRouting' | 'listRouting' | 'routingHistory' | 'appendRouting'> = {
  readRouting: async (reader, endpoint, environment) => {
    const [newest] = await routingQueries.routingHistory(reader, { endpoint, environment, limit: 1 });
    return newest ?? null;
  },
  listRouting: async (reader) => {
    const rows = await sqlOf(reader)
      .selectFrom('serving_routing as r')
      .selectAll('r')
      .where(({ eb, selectFrom }) =>
        eb(
          'r.revision',
          '=',
          selectFrom('serving_routing as n')
            .select(({ fn }) => fn.max('n.revision').as('newest'))
            .whereRef('n.endpoint', '=', 'r.endpoint')
            .whereRef('n.environment', '=', 'r.environment'),
        ),
      )
      .orderBy('r.endpoint')
      .orderBy('r.environment')
      .execute();
    return rows.map(toRouting);
  },
  routingHistory: async (reader, { endpoint, environment, limit, atMs }) => {
    let query = sqlOf(reader)
      .selectFrom('serving_routing')
      .selectAll()
      .where('endpoint', '=', endpoint)
      .where('environment', '=', environment);
    if (atMs !== undefined) query = query.where('set_at_ms', '<=', atMs);
    return (await query.orderBy('revision', 'desc').limit(limit).execute()).map(toRouting);
  },
  appendRouting: async (tx, { setBy, setAtMs, entries, shadows, spread = null, ...rest }) => {
    await tx
      .sql<Tables>()
      .insertInto('serving_routing')
      .values({
        ...rest,
        entries: JSON.stringify(entries),
        shadows: JSON.stringify(shadows),
        spread,
        set_by: setBy,
        set_at_ms: setAtMs,
      })
      .execute();
  },
};

const armQueries: Pick<ServingStore, 'saveArm' | 'listArms'> = {
  saveArm: async (tx, { deploymentId, endpoint, environment, revision, counts }) => {
    const change = { revision, counts: JSON.stringify(counts) };
    await tx
      .sql<Tables>()
      .insertInto('serving_arm')
      .values({ deployment_id: deploymentId, endpoint, environment, ...change })
      .onConflict((c) => c.column('deployment_id').doUpdateSet(change))
      .execute();
  },
  listArms: async (reader) =>
    (await sqlOf(reader).selectFrom('serving_arm').selectAll().execute()).map((row) => ({
      deploymentId: row.deployment_id,
      endpoint: row.endpoint,
      environment: row.environment,
      revision: row.revision,
      counts: JSON.parse(row.counts) as ArmCounts,
    })),
};

const captureQueries: Pick<ServingStore, 'listCaptureObjects' | 'hasCaptureSegment' | 'insertCaptureObject'> = {
  listCaptureObjects: async (reader, { endpoint, fromMs, untilMs }) => {
    let query = sqlOf(reader).selectFrom('serving_capture_object').selectAll().where('endpoint', '=', endpoint);
    if (fromMs !== undefined) query = query.where('until_ms', '>=', fromMs);
    if (untilMs !== undefined) query = query.where('from_ms', '<', untilMs);
    return (await query.orderBy('until_ms').orderBy('segment').execute()).map(toCaptureObject);
  },
  hasCaptureSegment: async (reader, segment) => {
    const row = await sqlOf(reader)
      .selectFrom('serving_capture_object')
      .select('segment')
      .where('segment', '=', segment)
      .executeTakeFirst();
    return row !== undefined;
  },
  insertCaptureObject: async (tx, object) => {
    await tx
      .sql<Tables>()
      .insertInto('serving_capture_object')
      .values({
        segment: object.segment,
        endpoint: object.endpoint,
        digest: object.digest,
        size_bytes: object.sizeBytes,
        row_count: object.rowCount,
        torn_lines: object.tornLines,
        from_ms: object.fromMs,
        until_ms: object.untilMs,
      })
      .execute();
  },
};
