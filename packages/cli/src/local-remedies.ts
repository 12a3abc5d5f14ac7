import { FairleadError, isFairleadError } from '@fairlead/kernel';

/** What to do about a code, in the options of the command that met it. */
export type Remedies = Readonly<Record<string, string>>;

/** The same error with the remedy of the command: that of the code itself may speak of contracts and pipelines. */
export function withRemedy(error: unknown, remedies: Remedies): unknown {
  if (!isFairleadError(error)) return error;
  const remedy = Object.hasOwn(remedies, error.code) ? remedies[error.code] : undefined;
  if (remedy === undefined) return error;
  const { code, status, fault, message, data, cause } = error;
  const own = new FairleadError(code, { status, fault, title: code, remedy }, message, { data, cause });
  if (error.stack !== undefined) own.stack = error.stack;
  return own;
}

const OF_FILES: Remedies = {
  DATA_SOURCE_NOT_FOUND: 'Check the path; a folder must hold files of one format.',
  DATA_PATH_FORBIDDEN: 'Give the file a name that ends in .csv, .tsv, .txt, .jsonl, .ndjson or .parquet.',
  DATA_FORMAT_UNKNOWN: 'Say with --format what it is: csv, jsonl or parquet.',
  DATA_SOURCE_UNREADABLE: 'Mend the file, or say with --format what it is if its name misleads.',
  DATA_SCHEMA_SUSPICIOUS: 'Mend the header line; every column needs a name of its own.',
  LAKE_OUT_OF_MEMORY: 'Split the file, give it as Parquet, or free memory and try again.',
  TRN_FILE_UNWRITABLE: 'Name with --out a path in a folder that exists and may be written to.',
};

/** Of `fairlead fit`. */
export const FIT_REMEDIES: Remedies = {
  ...OF_FILES,
  NUM_RANGE: 'Correct --params as the message says.',
  TRN_CANDIDATE_INVALID: 'Correct --model or --params as the message says.',
  TRN_GRID_TOO_LARGE: 'List fewer values in --params, or look for good ones with --search tpe --trials 50.',
  TRN_TARGET_NOT_FOUND: 'Name with --target and --time-column columns that the file has.',
  TRN_TARGET_KIND:
    'Choose another --task: truth values, text or a few distinct numbers are classes, numbers are amounts.',
  TRN_TARGET_CONSTANT: 'Choose another --target, or give rows in which it varies: there is nothing to learn.',
  TRN_ONE_CLASS: 'Give rows in which at least two classes occur, or choose another --target or --test-from.',
  TRN_TARGET_MISSING: 'Choose another --target, or leave out the rows without one.',
  TRN_TASK_INVALID:
    'Choose a --task, --model and --metric that go together; without --target the task is clustering or anomaly.',
  TRN_ALL_TRIALS_FAILED:
    'Read the reason in the message; --exclude a column, or choose other --params or another --model.',
  TRN_TIME_OVER: 'Allow more with --budget, or choose a quicker --model.',
  TRN_FEATURE_NOT_FOUND: 'Name with --features and --exclude columns that the file has.',
  TRN_FEATURE_KIND: 'Leave it out with --exclude, or rename the column in the file.',
  TRN_NO_FEATURE: 'Exclude fewer columns, or name with --features those to read.',
  TRN_FEATURE_EMPTY: 'Leave the column out with --exclude, or choose another --test-from: training rows need values.',
  TRN_NOT_FINITE:
    'Rescale the column in the file, for example to thousands or to its logarithm, or leave it out with --exclude.',
  TRN_TOO_FINE:
    'Write the difference from a fixed value or time into the file and learn from that, or leave the column out with --exclude.',
  TRN_TOO_MANY_CATEGORIES: 'Name other columns with --features, or derive coarser ones in the file.',
  TRN_PREPROCESS_INVALID:
    'Correct the file of --preprocess at the paths in the message; docs/guide/preprocessing.md has every option.',
  TRN_TIME_REQUIRED: 'Name with --time-column a column of times such as 2015-07-01 or 2015-07-01T12:00:00Z.',
  TRN_TIME_MISSING: 'Fill or leave out the rows without a time, or do without --time-column.',
  TRN_TOO_FEW_ROWS: 'Give more rows, fewer --folds, or --test-ratio 0 to learn from all of them.',
  TRN_FOLD_ONE_CLASS: 'Use fewer --folds, or do without --time-column: random folds keep the shares of the classes.',
  TRN_METRIC_TWO_CLASSES: 'Select by --metric brier, log-loss or accuracy.',
  TRN_FILE_REFUSED: 'Mend the rows that the message names; `fairlead profile FILE` shows what each column was read as.',
};

/** Of `fairlead predict`. */
export const PREDICT_REMEDIES: Remedies = {
  ...OF_FILES,
  TRN_INPUT_KIND:
    'Mend the cells; `fairlead inspect MODEL` shows the type that each column must have. No answer was written.',
  TRN_COLUMNS_MISSING:
    'Add the columns under the names that `fairlead inspect MODEL` shows, or name existing ones with --keep.',
  TRN_ANSWER_NOT_FINITE:
    'Correct the row: a number in it is infinite or far beyond those of the training. No answer was written.',
};

/** Of `fairlead evaluate`. */
export const EVALUATE_REMEDIES: Remedies = {
  EVAL_COLUMN_NOT_FOUND:
    'Name columns that the file has. Answers of `fairlead predict` hold the truth when it was kept: fairlead predict MODEL DATA --out FILE --keep COLUMN.',
};
