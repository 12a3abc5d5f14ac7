import { defineErrors } from '@fairlead/kernel';

const user = (title: string, remedy: string) => ({ status: 422, fault: 'user', title, remedy }) as const;

export const trainingErrors = defineErrors('training', {
  TRN_CANDIDATE_INVALID: user('A candidate cannot be trained', 'Correct the candidate as the message says.'),
  TRN_GRID_TOO_LARGE: user('The grid has too many candidates', 'List fewer values per parameter.'),
  TRN_TARGET_NOT_FOUND: user('There is no such target column', 'Name the label column of the dataset as the target.'),
  TRN_TARGET_KIND: user(
    'The target does not fit the task',
    'Classify truth values, text or a few distinct numbers; predict numbers by regression.',
  ),
  TRN_TARGET_CONSTANT: user(
    'The target has one value only',
    'Choose another target or other rows: there is nothing to learn.',
  ),
  TRN_TASK_INVALID: user(
    'The trainer, metric or target does not belong to the task',
    'Choose a trainer and a metric of the task as the message lists them.',
  ),
  TRN_ALL_TRIALS_FAILED: user('Every trial failed', 'Read the reasons in the message and mend the first of them.'),
  TRN_TIME_OVER: user('The time was over before a trial ended', 'Allow more time, fewer rows or simpler trainers.'),
  TRN_FILE_REFUSED: user(
    'Too many rows of the file do not fit their columns',
    'Mend the rows that the message names, or `fairlead profile` the file to see its columns.',
  ),
  TRN_FILE_UNWRITABLE: user(
    'The result cannot be written',
    'Name a path in a folder that exists and may be written to.',
  ),
  TRN_TEST_EMPTY: user(
    'No rows are left on one side of the test',
    'Choose another --test-from, between the first and the last time.',
  ),
  TRN_MODEL_UNREADABLE: user('The model file cannot be read', 'Check the path and its permissions.'),
  TRN_NO_SIGNATURE: user(
    'The model does not say what it reads',
    'Give a package made by `fairlead fit` or by a pipeline; `fairlead inspect` shows what is in a file.',
  ),
  TRN_COLUMNS_MISSING: user(
    'The data lacks columns that the model reads',
    'Add the columns under the names that the model was trained with.',
  ),
  TRN_ANSWER_SHAPE: user(
    'The model does not answer as its signature says',
    'Do not use the file: its signature and its graph were not made for each other.',
  ),
  TRN_ANSWER_NOT_FINITE: user(
    'The model answers a row with no finite number',
    'Look at the row for infinite or huge numbers.',
  ),
  TRN_GROUP_INVALID: user('Rows cannot be grouped by that column', 'Name a column with a value in every row.'),
  TRN_TARGET_MISSING: user(
    'Rows without a target cannot teach anything',
    'Name the label of the dataset as the target, whose missing rows a split leaves out, or ingest `where` it is not null.',
  ),
  TRN_ONE_CLASS: user(
    'Only one class occurs in the training rows',
    'Choose training rows in which both outcomes occur.',
  ),
  TRN_LABELS_INVALID: user(
    'The label names do not fit the target',
    'Name every value of the target once, in the order of the classes.',
  ),
  TRN_FEATURE_NOT_FOUND: user('A feature names no column', 'Use the names of the dataset’s columns.'),
  TRN_FEATURE_KIND: user(
    'The column cannot be a feature',
    'Derive a number, a truth value or a text from it, or leave it out.',
  ),
  TRN_PREPROCESS_INVALID: user(
    'The preprocessing does not fit the request, the columns or the trainer',
    'Correct what the message names; docs/guide/preprocessing.md shows every kind of block and step.',
  ),
  TRN_NO_FEATURE: user('No column is left to learn from', 'Exclude fewer columns or name the features.'),
  TRN_FEATURE_EMPTY: user(
    'A feature has no value in the training rows',
    'Exclude the column or choose other training rows.',
  ),
  TRN_NOT_FINITE: user(
    'A feature is not finite in Float32',
    'Set a range in the dataset’s contract or rescale the column.',
  ),
  TRN_TOO_FINE: user(
    'Float32, which models read, cannot tell the values of a feature apart',
    'Derive the difference from a fixed value or time and train on that, or leave the column out.',
  ),
  TRN_TOO_MANY_CATEGORIES: user(
    'Every feature is a text that is a key or has too many values',
    'Name other features, or derive coarser ones from these.',
  ),
  TRN_TIME_REQUIRED: user(
    'Time-ordered validation needs a time column',
    'Declare `time` for the dataset, or validate by k-fold.',
  ),
  TRN_TIME_MISSING: user('A training row has no time', 'Require the time column in the dataset’s contract.'),
  TRN_TOO_FEW_ROWS: user('There are too few rows', 'Train on more rows or use fewer folds.'),
  TRN_FOLD_ONE_CLASS: user('A fold lacks a class', 'Use fewer folds, or k-fold validation instead of time order.'),
  TRN_METRIC_TWO_CLASSES: user(
    'This metric needs two classes',
    'Select by roc-auc-ovr, roc-auc-ovo, brier, log-loss or accuracy.',
  ),
  TRN_SEARCH_INVALID: user(
    'The search or the validation cannot be done as it is asked for',
    'Correct the members that the message names; docs/guide/search.md shows what each may be.',
  ),
  TRN_TUNING_CONFLICT: user(
    'The step and its tuning do not go together',
    'With the input `tuning`, `train` takes `part` alone: everything else was decided by the step `tune`.',
  ),
  TRN_PARITY_FAILED: {
    status: 500,
    fault: 'system',
    title: 'The packaged model does not answer like the trained one',
    remedy: 'Do not use the package; report it with the message, the trainer and its parameters.',
  },
  TRN_INPUT_KIND: user(
    'A column is not of the kind that the model reads',
    'Give the model the columns it was trained on, of the same types.',
  ),
  TRN_DELIVERY_REFUSED: user(
    'The delivery was refused, so there is no version to go on with',
    'Look at its quarantine, mend the source or the contract, and run again.',
  ),
  TRN_INPUT_MISSING: user('A step lacks an input', 'Connect the input to an output of another step.'),
  TRN_RUN_NOT_REPRODUCIBLE: user(
    'The run cannot be done again',
    'Name the run of a pipeline, or of one of its steps, that succeeded; `fairlead run` and `fairlead tracking runs` show them.',
  ),
  TRN_RECORD_INVALID: user(
    'The object is no record of a training or a tuning',
    'Give the `training` output of a train step, or the `tuning` output of a tune step.',
  ),
});
