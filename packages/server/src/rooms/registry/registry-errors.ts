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
  REG_PACKAGE_SOURCE: {
    status: 422,
    fault: 'user',
    title: 'The step does not say which model to package',
    remedy: 'Connect the input `version` or `model`, or name a registered model: `with: { model: rain }`; one of them.',
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
  REG_MODEL_NAME_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The name cannot be that of a model',
    remedy: 'Use 1–256 visible characters without `/`, `:` and backslashes, not only dots, no white space at the ends.',
  },
  REG_ALIAS_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The alias cannot be used',
    remedy: 'Use letters, digits, dashes and underscores; numbers, `latest` and `v1`-like names are taken.',
  },
  REG_ALIAS_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'The model has no such alias',
    remedy: 'List the aliases with `fairlead model list`.',
  },
  REG_MODEL_EXISTS: {
    status: 409,
    fault: 'user',
    title: 'There is a model of that name already',
    remedy:
      'Take another name. Names that differ only in case, in percent escapes or in how letters are composed are one.',
  },
  REG_MODEL_IN_USE: {
    status: 409,
    fault: 'user',
    title: 'The model or the version is in use',
    remedy: 'Retire the deployments and endpoints in `data.uses` first, or keep the model.',
  },
  REG_TAG_INVALID: {
    status: 400,
    fault: 'user',
    title: 'A tag cannot be stored',
    remedy: 'Use keys of 1 to 250 and values of at most 100,000 characters, at most 1,000 tags at once.',
  },
  REG_TEXT_INVALID: {
    status: 400,
    fault: 'user',
    title: 'A text cannot be stored',
    remedy: 'Shorten it, and send neither NUL nor broken Unicode.',
  },
  REG_STAGE_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The stage cannot be set in this way',
    remedy:
      'The stages are None, Staging, Production and Archived; others are archived only from Staging and Production.',
  },
  REG_SOURCE_REFUSED: {
    status: 400,
    fault: 'user',
    title: 'The files of a version cannot be there',
    remedy:
      'Name a folder of a run or of a logged model (artifacts:/…), a version (model:NAME/VERSION), a logged model (logged-model:ID), or an address below a root of the setting modelSourceRoots.',
  },
  REG_NOT_SERVABLE: {
    status: 409,
    fault: 'user',
    title: 'The version cannot be served as it is',
    remedy:
      'Convert it in your own Python (the step `convert` of a pipeline does it for sklearn, XGBoost, LightGBM and PyTorch), or serve it in a process of your own.',
  },
  REG_NOT_EXAMINED: {
    status: 409,
    fault: 'user',
    title: 'The files of the version are still being examined',
    remedy: 'Ask again in a few seconds; `fairlead model show MODEL` says when it is done.',
  },
  REG_FILE_MISSING: {
    status: 409,
    fault: 'user',
    title: 'A file of the model version is not in the object store',
    remedy: 'Store every file of the version before registering it.',
  },
  REG_NOT_ONNX: {
    status: 422,
    fault: 'user',
    title: 'The version is no ONNX model',
    remedy:
      'Convert it by the step `convert` of a pipeline; as it is, an endpoint serves it by a backend `program` or `remote`.',
  },
  REG_ONNX_TOO_LARGE: {
    status: 422,
    fault: 'user',
    title: 'The ONNX file is too large',
    remedy: 'Make it smaller, or serve it by a server or a program of your own as backend of the endpoint.',
  },
  REG_CARD_FIELD_UNKNOWN: {
    status: 400,
    fault: 'user',
    title: 'The model card has no such human field',
    remedy: 'Only the fields listed in `data.fields` are written by people; the rest are facts.',
  },
});
