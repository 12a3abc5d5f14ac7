import type { Generated } from 'kysely';

interface DatasetRow {
  no: Generated<number>;
  experiment_id: string;
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
}

export interface InputTables {
  tracking_dataset: DatasetRow;
  tracking_input: { run_id: string; dataset_no: number };
  tracking_input_tag: { run_id: string; dataset_no: number; key: string; value: string };
  tracking_model_link: { run_id: string; direction: 'input' | 'output'; model_id: string; step: number | null };
}
