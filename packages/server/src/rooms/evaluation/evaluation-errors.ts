import { defineErrors } from '@fairlead/kernel';

const user = (title: string, remedy: string) => ({ status: 422, fault: 'user', title, remedy }) as const;

export const evaluationErrors = defineErrors('evaluation', {
  EVAL_TARGET_NOT_FOUND: user(
    'The rows have no target column',
    'Evaluate on a part of a split, which holds the label.',
  ),
  EVAL_TARGET_MISSING: user(
    'Rows without a target cannot be judged',
    'Evaluate on a part of a split, which leaves rows without a label out.',
  ),
  EVAL_LABEL_UNKNOWN: user(
    'The target has a value that is no label of the model',
    'Train again on rows in which every value of the target occurs.',
  ),
  EVAL_TASK_INVALID: user(
    'Models of this task cannot be judged by the step',
    'Judge classifiers and models of numbers; for clusters there is `fairlead evaluate --task clustering`.',
  ),
  EVAL_TOO_FEW_ROWS: user('There are too few rows to judge a model', 'Use a larger part; at least 10 rows are needed.'),
  EVAL_BASELINE_INVALID: user('A baseline cannot be made', 'Correct the baseline as the message says.'),
  EVAL_RULE_RANGE: user(
    'The rule does not give an answer for every row',
    'Make the expression give a number for every row, from 0 to 1 where it is a probability, for example with coalesce().',
  ),
  EVAL_SLICE_COLUMN: user('The column cannot be sliced by', 'Name columns of the evaluated rows with few values.'),
  EVAL_COLUMN_NOT_FOUND: user(
    'The predictions lack a column',
    'Name columns that the file has; the message lists them.',
  ),
  EVAL_COLUMN_KIND: user(
    'A column of the predictions has the wrong kind',
    'Give the task with --task, or a column of the kind that the message names.',
  ),
  EVAL_NO_ROWS: user(
    'No row can be judged',
    'Give rows that hold both the truth and the prediction; the message says how many lack which.',
  ),
  EVAL_OPTION_INVALID: user('The question does not fit the task', 'Change the option as the message says.'),
  EVAL_PROBABILITY_RANGE: user(
    'A probability lies outside 0 to 1',
    'Give probabilities; scores of another scale can be ranked, but not judged as probabilities.',
  ),
  EVAL_PROBABILITY_SUM: user(
    'The probabilities of a row do not sum to 1',
    'Give one column per class, all of them, in --score.',
  ),
  EVAL_REPORT_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such evaluation report',
    remedy: 'Take the digest from the report output of an evaluate step or from a model version.',
  },
  EVAL_QUESTION_UNKNOWN: user(
    'The report does not say what it was asked',
    'Run the pipeline again: its step `evaluate` makes a report that says it, and registers a version with that.',
  ),
  EVAL_REPORT_OTHER_MODEL: user(
    'The report is about another model',
    'Connect the report of the evaluate step that had this very model as its input.',
  ),
});
