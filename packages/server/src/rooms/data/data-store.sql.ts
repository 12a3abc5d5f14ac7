import type { Reader, Tx } from '../../platform/db/index.js';
import type { DataStore, DeliveryRecord } from './data-store.js';
import type { Dataset, DatasetVersion, Delivery, Split } from './data-types.js';

interface DatasetRow {
  name: string;
  spec: string;
  contract_digest: string;
  inferred_columns: string | null;
  latest_version_id: string | null;
  created_at: number;
  updated_at: number;
}

interface DataTables {
  data_dataset: DatasetRow;
  data_version: { id: string; dataset: string; number: number; row_count: number; body: string; created_at: number };
  data_delivery: {
    id: string;
    dataset: string;
    fingerprint: string;
    outcome: string;
    version_id: string | null;
    body: string;
    received_at: number;
  };
  data_split: { id: string; version_id: string; body: string; created_at: number };
  data_profile: { subject: string; digest: string };
}

const sql = (reader: Reader | Tx) => reader.sql<DataTables>();
const parsed = <T>(row: { body: string } | undefined): T | undefined =>
  row === undefined ? undefined : (JSON.parse(row.body) as T);

/** The store on SQLite and PostgreSQL. Bodies are JSON text; what is searched by stands in columns of its own. */
export const sqlDataStore: DataStore = {
  dataset: async (reader, name) => {
    const row = await sql(reader).selectFrom('data_dataset').selectAll().where('name', '=', name).executeTakeFirst();
    return row === undefined ? undefined : toDataset(row);
  },
  datasets: async (reader) =>
    (await sql(reader).selectFrom('data_dataset').selectAll().orderBy('name').execute()).map(toDataset),
  saveDataset,
  moveLatest: async (tx, name, { expected, latest }) => {
    const result = await sql(tx)
      .updateTable('data_dataset')
      .set({ latest_version_id: latest })
      .where('name', '=', name)
      .where('latest_version_id', expected === null ? 'is' : '=', expected)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  },
  ...versionStore(),
  ...deliveryStore(),
  ...splitStore(),
};

async function saveDataset(tx: Tx, dataset: Dataset): Promise<void> {
  const row: DatasetRow = {
    name: dataset.name,
    spec: JSON.stringify(dataset.spec),
    contract_digest: dataset.contractDigest,
    inferred_columns: dataset.inferredColumns === null ? null : JSON.stringify(dataset.inferredColumns),
    latest_version_id: dataset.latestVersionId,
    created_at: dataset.createdAtMs,
    updated_at: dataset.updatedAtMs,
  };
  // Neither the birthday nor the latest version changes by a declaration.
  const { name: _name, created_at: _created, latest_version_id: _latest, ...changes } = row;
  await sql(tx)
    .insertInto('data_dataset')
    .values(row)
    .onConflict((c) => c.column('name').doUpdateSet(changes))
    .execute();
}

function versionStore() {
  return {
    version: async (reader: Reader, id: string) =>
      parsed<DatasetVersion>(
        await sql(reader).selectFrom('data_version').select('body').where('id', '=', id).executeTakeFirst(),
      ),
    versionByNumber: async (reader: Reader, dataset: string, number: number) =>
      parsed<DatasetVersion>(
        await sql(reader)
          .selectFrom('data_version')
          .select('body')
          .where('dataset', '=', dataset)
          .where('number', '=', number)
          .executeTakeFirst(),
      ),
    versions: async (reader: Reader, dataset: string) => {
      const query = sql(reader).selectFrom('data_version').select('body').where('dataset', '=', dataset);
      return (await query.orderBy('number', 'desc').execute()).map((row) => JSON.parse(row.body) as DatasetVersion);
    },
    nextNumber: async (tx: Tx, dataset: string) => {
      const row = await sql(tx)
        .selectFrom('data_version')
        .select((e) => e.fn.max('number').as('last'))
        .where('dataset', '=', dataset)
        .executeTakeFirst();
      return Number(row?.last ?? 0) + 1;
    },
    insertVersion: async (tx: Tx, version: DatasetVersion) => {
      await sql(tx)
        .insertInto('data_version')
        .values({
          id: version.id,
          dataset: version.dataset,
          number: version.number,
          row_count: version.rows,
          body: JSON.stringify(version),
          created_at: version.createdAtMs,
        })
        .execute();
    },
  };
}

function deliveryStore() {
  return {
    delivery: async (reader: Reader, id: string) =>
      parsed<Delivery>(
        await sql(reader).selectFrom('data_delivery').select('body').where('id', '=', id).executeTakeFirst(),
      ),
    deliveries: async (reader: Reader, dataset: string) => {
      const query = sql(reader).selectFrom('data_delivery').select('body').where('dataset', '=', dataset);
      const rows = await query.orderBy('received_at', 'desc').orderBy('id', 'desc').execute();
      return rows.map((row) => JSON.parse(row.body) as Delivery);
    },
    insertDelivery: async (tx: Tx, { delivery, fingerprint }: DeliveryRecord) => {
      await sql(tx)
        .insertInto('data_delivery')
        .values({
          id: delivery.id,
          dataset: delivery.dataset,
          fingerprint,
          outcome: delivery.outcome,
          version_id: delivery.versionId,
          body: JSON.stringify(delivery),
          received_at: delivery.receivedAtMs,
        })
        .execute();
    },
    accepted: async (reader: Reader, dataset: string, fingerprints: readonly string[]) => {
      const query = sql(reader)
        .selectFrom('data_delivery')
        .select('body')
        .where('dataset', '=', dataset)
        .where('fingerprint', 'in', fingerprints)
        .where('outcome', '=', 'accepted');
      const rows = await query.orderBy('received_at', 'desc').orderBy('id', 'desc').execute();
      return rows.map((row) => JSON.parse(row.body) as Delivery);
    },
  };
}

function splitStore() {
  return {
    split: async (reader: Reader, id: string) =>
      parsed<Split>(await sql(reader).selectFrom('data_split').select('body').where('id', '=', id).executeTakeFirst()),
    splits: async (reader: Reader, versionId: string) => {
      const query = sql(reader).selectFrom('data_split').select('body').where('version_id', '=', versionId);
      const rows = await query.orderBy('created_at', 'desc').orderBy('id').execute();
      return rows.map((row) => JSON.parse(row.body) as Split);
    },
    insertSplit: async (tx: Tx, split: Split) => {
      const result = await sql(tx)
        .insertInto('data_split')
        .values({
          id: split.id,
          version_id: split.versionId,
          body: JSON.stringify(split),
          created_at: split.createdAtMs,
        })
        .onConflict((c) => c.column('id').doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    profileDigest: async (reader: Reader, subject: string) => {
      const query = sql(reader).selectFrom('data_profile').select('digest').where('subject', '=', subject);
      return (await query.executeTakeFirst())?.digest;
    },
    saveProfile: async (tx: Tx, subject: string, digest: string) => {
      await sql(tx)
        .insertInto('data_profile')
        .values({ subject, digest })
        .onConflict((c) => c.column('subject').doUpdateSet({ digest }))
        .execute();
    },
  };
}

function toDataset(row: DatasetRow): Dataset {
  return {
    name: row.name,
    spec: JSON.parse(row.spec) as Dataset['spec'],
    contractDigest: row.contract_digest,
    inferredColumns:
      row.inferred_columns === null ? null : (JSON.parse(row.inferred_columns) as Dataset['inferredColumns']),
    latestVersionId: row.latest_version_id,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
  };
}
