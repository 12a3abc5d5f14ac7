import { defineErrors } from '@fairlead/kernel';

export const registryErrors = defineErrors('registry', {
  REG_MODEL_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such model',
    remedy: 'List the models with `fairlead model list`.',
  },
  REG_BUNDLE_NAME: {
    status: 400,
    fault: 'user',
    title: 'The name cannot be that of a bundle',
    remedy: 'Use 1–100 lower-case letters, digits, dots, dashes and underscores, beginning with a letter or digit.',
  },
  REG_BUNDLE_SIGNATURE: {
    status: 422,
    fault: 'user',
    title: 'The model does not say what it reads',
    remedy: 'Package a model made by `fairlead fit` or by a train step, which carries its signature.',
  },
  REG_BUNDLE_FOLDER: {
    status: 409,
    fault: 'user',
    title: 'The folder of the bundle cannot be used',
    remedy: 'Name a folder that does not exist yet, or an empty one.',
  },
  REG_VERSION_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such model version',
    remedy: 'List the versions with `fairlead model show MODEL`; a version is a number, an alias or `latest`.',
  },
  REG_NAME_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The name cannot be used',
    remedy: 'Use 1–100 letters, digits, dots, dashes and underscores, beginning with a letter or digit.',
  },
  REG_ALIAS_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The alias cannot be used',
    remedy: 'Use letters, digits, dashes and underscores; `latest` and `v1`-like names are taken.',
  },
  REG_FILE_MISSING: {
    status: 409,
    fault: 'user',
    title: 'A file of the model version is not in the object store',
    remedy: 'Store every file of the version before registering it.',
  },
  REG_CARD_FIELD_UNKNOWN: {
    status: 400,
    fault: 'user',
    title: 'The model card has no such human field',
    remedy: 'Only the fields listed in `data.fields` are written by people; the rest are facts.',
  },
});
