import type { Clause } from '../../../platform/search/index.js';
import type { FieldRule, KeyedRule, Vocabulary } from './vocabulary.js';

type ModelField = 'name' | 'createdAt' | 'updatedAt' | 'tag';
type VersionField = ModelField | 'version' | 'runId' | 'source';

/** Prompts are models that carry this tag with the text "true". */
export const PROMPT_TAG = 'mlflow.prompt.is_prompt';

/** Models without the tag are no prompts: both ways to ask for what is no prompt find them. */
const registryTags = {
  field: 'tag',
  takes: 'text',
  keyed: true,
  only: 'filter',
  orMissing: (key, comparison, value) =>
    key === PROMPT_TAG && ((comparison === '=' && value === 'false') || (comparison === '!=' && value === 'true')),
} as const satisfies KeyedRule<'tag'>;

const times = {
  creation_timestamp: { field: 'createdAt', takes: 'number' },
  last_updated_timestamp: { field: 'updatedAt', takes: 'number' },
} as const;

const modelAttributes: Readonly<Record<string, FieldRule<ModelField>>> = {
  name: { field: 'name', takes: 'text', lists: true },
  timestamp: { field: 'updatedAt', takes: 'number', only: 'order' },
  ...times,
};

export const modelVocabulary: Vocabulary<ModelField> = {
  attributes: modelAttributes,
  groups: { attribute: modelAttributes, attributes: modelAttributes, tag: registryTags, tags: registryTags },
};

const versionAttributes: Readonly<Record<string, FieldRule<VersionField>>> = {
  name: { field: 'name', takes: 'text', lists: true },
  version_number: { field: 'version', takes: 'number' },
  run_id: { field: 'runId', takes: 'text', lists: true, only: 'filter' },
  source_path: { field: 'source', takes: 'text', only: 'filter' },
  ...times,
};

export const versionVocabulary: Vocabulary<VersionField> = {
  attributes: versionAttributes,
  groups: { attribute: versionAttributes, attributes: versionAttributes, tag: registryTags, tags: registryTags },
};

/** Prompts are in no list of models or versions unless the filter says something about them. */
export function hidePrompts<Field extends string>(
  where: readonly Clause<Field | 'tag'>[],
): readonly Clause<Field | 'tag'>[] {
  if (where.some(({ field, key }) => field === 'tag' && key === PROMPT_TAG)) return where;
  return [...where, { field: 'tag', key: PROMPT_TAG, comparison: '!=', value: 'true', orMissing: true }];
}
