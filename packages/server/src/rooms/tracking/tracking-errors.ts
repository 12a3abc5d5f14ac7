import { defineErrors } from '@fairlead/kernel';

export const trackingErrors = defineErrors('tracking', {
  TRK_EXPERIMENT_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such experiment',
    remedy: 'List the experiments and use one of their names, or create it first.',
  },
  TRK_RUN_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such run',
    remedy: 'Search the runs of the experiment and use one of their ids.',
  },
  TRK_RUN_ENDED: {
    status: 409,
    fault: 'user',
    title: 'The run has already ended with another status',
    remedy: 'Start a new run; the status of an ended run does not change.',
  },
  TRK_PARAM_CONFLICT: {
    status: 409,
    fault: 'user',
    title: 'A parameter of the run already has another value',
    remedy: 'Parameters never change within a run: start a new run, or log the value as a tag or a metric.',
  },
  TRK_KEY_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The name of a metric, parameter or tag is not allowed',
    remedy: 'Use 1–250 letters, digits, "_", "-", ".", ":", spaces and "/" between non-empty parts.',
  },
  TRK_VALUE_INVALID: {
    status: 400,
    fault: 'user',
    title: 'A logged value is too long or not allowed',
    remedy: 'Shorten the value, or store it as an artifact; nothing is ever cut off silently.',
  },
  TRK_BATCH_TOO_LARGE: {
    status: 400,
    fault: 'user',
    title: 'The batch has too many entries',
    remedy: 'Send at most 1000 metrics, 100 parameters and 100 tags, together at most 1000, and split the rest.',
  },
  TRK_ARTIFACT_PATH_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The path of the artifact is not allowed',
    remedy: 'Use a relative path such as plots/roc.png: no "..", no leading "/", no backslash, no control characters.',
  },
  TRK_ARTIFACT_PATH_TAKEN: {
    status: 409,
    fault: 'user',
    title: 'The path is a folder in one artifact and a file in another',
    remedy: 'Choose another path: a name is either a file or a folder within one run.',
  },
  TRK_ARTIFACT_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'The run has no artifact at this path',
    remedy: 'List the artifacts of the run and use one of their paths.',
  },
  TRK_PAGE_TOKEN_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The page token does not belong to this search',
    remedy: 'Send the nextPageToken of the page before unchanged, with the same filter and order.',
  },
});
