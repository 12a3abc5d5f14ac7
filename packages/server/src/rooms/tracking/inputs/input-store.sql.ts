import { sql } from 'kysely';
import type { Reader } from '../../../platform/db/index.js';
import { isOneOf } from '../../../platform/search/index.js';
import type { InputDataset, RunInput, RunLinks, RunModelLink } from '../input-types.js';
import { CONTEXT_TAG } from './input-rules.js';
import type { InputStore } from './input-store.js';
import type { InputTables } from './input-tables.sql.js';

const tables = (reader: Reader) => reader.sql<InputTables>();

/** Inputs and outputs of runs on either engine. */
export const sqlInputStore: InputStore = {
  ensureDatasets,
  addInputs: async (tx, runId, datasetNos) => {
    if (datasetNos.length === 0) return new Set();
    const added = await tables(tx)
      .insertInto('tracking_input')
      .values(datasetNos.map((dataset_no) => ({ run_id: runId, dataset_no })))
      .onConflict((c) => c.doNothing())
      .returning('dataset_no')
      .execute();
    return new Set(added.map((row) => row.dataset_no));
  },
  upsertTags: async (tx, runId, tags) => {
    if (tags.length === 0) return;
    await tables(tx)
      .insertInto('tracking_input_tag')
      .values(tags.map(({ datasetNo, key, value }) => ({ run_id: runId, dataset_no: datasetNo, key, value })))
      .onConflict((c) =>
        c.columns(['run_id', 'dataset_no', 'key']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })),
      )
      .execute();
  },
  upsertModels: async (tx, runId, { direction, models }) => {
    if (models.length === 0) return new Set();
    const known = await tables(tx)
      .selectFrom('tracking_model_link')
      .select('model_id')
      .where('run_id', '=', runId)
      .where('direction', '=', direction)
      .execute();
    await tables(tx)
      .insertInto('tracking_model_link')
      .values(models.map(({ modelId, step }) => ({ run_id: runId, direction, model_id: modelId, step })))
      .onConflict((c) =>
        c.columns(['run_id', 'direction', 'model_id']).doUpdateSet((e) => ({ step: e.ref('excluded.step') })),
      )
      .execute();
    const before = new Set(known.map((row) => row.model_id));
    return new Set(models.map(({ modelId }) => modelId).filter((id) => !before.has(id)));
  },
  linksOf,
  datasetsOf: async (reader, experimentIds, limit) => {
    const { rows } = await sql<{ experiment_id: string; name: string; digest: string; context: string | null }>`
      select distinct d.experiment_id, d.name, d.digest, t.value as context
      from tracking_dataset d join tracking_input i on i.dataset_no = d.no
        left join tracking_input_tag t on t.run_id = i.run_id and t.dataset_no = i.dataset_no and t.key = ${CONTEXT_TAG}
      where ${isOneOf(reader.dialect, sql`d.experiment_id`, experimentIds)}
      order by 1, 2, 3, 4 limit ${limit}
    `.execute(tables(reader));
    return rows.map(({ experiment_id, ...dataset }) => ({ experimentId: experiment_id, ...dataset }));
  },
};

async function ensureDatasets(tx: Reader, experimentId: string, datasets: readonly InputDataset[]): Promise<number[]> {
  if (datasets.length === 0) return [];
  await tables(tx)
    .insertInto('tracking_dataset')
    .values(
      datasets.map(({ sourceType, ...dataset }) => ({
        ...dataset,
        experiment_id: experimentId,
        source_type: sourceType,
      })),
    )
    .onConflict((c) => c.doNothing())
    .execute();
  const names = [...new Set(datasets.map(({ name }) => name))];
  const rows = await tables(tx)
    .selectFrom('tracking_dataset')
    .select(['no', 'name', 'digest'])
    .where('experiment_id', '=', experimentId)
    .where(isOneOf(tx.dialect, sql.ref('name'), names))
    .execute();
  const numbers = new Map(rows.map(({ no, name, digest }) => [JSON.stringify([name, digest]), no]));
  return datasets.map(({ name, digest }) => numbers.get(JSON.stringify([name, digest])) as number);
}

interface InputRow {
  run_id: string;
  dataset_no: number;
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
}

async function linksOf(reader: Reader, runIds: readonly string[]): Promise<ReadonlyMap<string, RunLinks>> {
  const db = tables(reader);
  const ofRuns = (column: string) => isOneOf(reader.dialect, sql.ref(column), runIds);
  const inputs = await sql<InputRow>`
    select i.run_id, i.dataset_no, d.name, d.digest, d.source_type, d.source, d.schema, d.profile
    from tracking_input i join tracking_dataset d on d.no = i.dataset_no
    where ${ofRuns('i.run_id')} order by i.run_id, d.no`.execute(db);
  const tags = await db.selectFrom('tracking_input_tag').selectAll().where(ofRuns('run_id')).orderBy('key').execute();
  const models = await db
    .selectFrom('tracking_model_link')
    .selectAll()
    .where(ofRuns('run_id'))
    .orderBy('model_id')
    .execute();
  const links = new Map(runIds.map((id) => [id, emptyLinks()]));
  const tagged = new Map<string, [string, string][]>();
  for (const { run_id, dataset_no, key, value } of tags) {
    const at = `${run_id}\n${dataset_no}`;
    const known = tagged.get(at);
    if (known === undefined) tagged.set(at, [[key, value]]);
    else known.push([key, value]);
  }
  for (const row of inputs.rows) {
    const own = Object.fromEntries(tagged.get(`${row.run_id}\n${row.dataset_no}`) ?? []);
    links.get(row.run_id)?.datasets.push(toInput(row, own));
  }
  for (const { run_id, direction, model_id, step } of models) {
    const of = links.get(run_id);
    (direction === 'input' ? of?.modelInputs : of?.modelOutputs)?.push({ modelId: model_id, step });
  }
  return links;
}

function emptyLinks(): { datasets: RunInput[]; modelInputs: RunModelLink[]; modelOutputs: RunModelLink[] } {
  return { datasets: [], modelInputs: [], modelOutputs: [] };
}

function toInput(row: InputRow, tags: Readonly<Record<string, string>>): RunInput {
  const { name, digest, source_type, source, schema, profile } = row;
  return { dataset: { name, digest, sourceType: source_type, source, schema, profile }, tags };
}
