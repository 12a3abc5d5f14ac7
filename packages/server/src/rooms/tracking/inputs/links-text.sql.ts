import type { Dialect } from '../../../platform/db/index.js';
import type { RunLinks, RunModelLink } from '../input-types.js';

const OF_RUN = 'from tracking_input i join tracking_dataset d on d.no = i.dataset_no where i.run_id = r.id';
const FIELDS = 'd.name, d.digest, d.source_type, d.source, d.schema, d.profile';
const TAGS = `from (select t.key, t.value from tracking_input_tag t where t.run_id = i.run_id and t.dataset_no = i.dataset_no
  order by t.key) t`;
const MODEL = 'm.direction, m.model_id, m.step';
const MODELS = 'from tracking_model_link m where m.run_id = r.id';

/** What `tracking_run r` read and made, as two texts of JSON; the tags of an input are a text within it on both engines. */
const LINKS: Readonly<Record<Dialect, readonly [string, string]>> = {
  sqlite: [
    `(select json_group_array(json_array(${FIELDS}, (select json_group_object(t.key, t.value) ${TAGS}) || '') order by d.no)
      ${OF_RUN})`,
    `(select json_group_array(json_array(${MODEL}) order by m.model_id) ${MODELS})`,
  ],
  postgres: [
    `coalesce((select json_agg(json_build_array(${FIELDS}, (select json_object_agg(t.key, t.value)::text ${TAGS}))
      order by d.no)::text ${OF_RUN}), '[]')`,
    `coalesce((select json_agg(json_build_array(${MODEL}) order by m.model_id)::text ${MODELS}), '[]')`,
  ],
};

/**
 * {@link LINKS}, of `ids`, a select of the ids of all runs that are read: PostgreSQL asks once for all of them whether any has
 * some, as asking each run costs it a microsecond.
 */
export function linksText(dialect: Dialect, ids: string | undefined): readonly [string, string] {
  const [datasets, models] = LINKS[dialect];
  if (ids === undefined || dialect === 'sqlite') return [datasets, models];
  const when = (table: string, text: string) =>
    `case when exists (select 1 from ${table} where run_id = any(array(${ids}))) then ${text} else '[]' end`;
  return [when('tracking_input', datasets), when('tracking_model_link', models)];
}

type DatasetText = readonly [
  name: string,
  digest: string,
  sourceType: string,
  source: string,
  schema: string | null,
  profile: string | null,
  tags: string | null,
];
type ModelText = readonly [direction: 'input' | 'output', modelId: string, step: number | null];
export type LinksText = [datasets: readonly DatasetText[], models: readonly ModelText[]];

export function toLinks([datasets, models]: LinksText): RunLinks {
  return {
    datasets: datasets.map(([name, digest, sourceType, source, schema, profile, tags]) => ({
      dataset: { name, digest, sourceType, source, schema, profile },
      tags: JSON.parse(tags ?? '{}'),
    })),
    modelInputs: models.flatMap((model) => (model[0] === 'input' ? toModel(model) : [])),
    modelOutputs: models.flatMap((model) => (model[0] === 'output' ? toModel(model) : [])),
  };
}

function toModel([, modelId, step]: ModelText): RunModelLink {
  return { modelId, step };
}
