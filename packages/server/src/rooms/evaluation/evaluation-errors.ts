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
  EVAL_TOO_FEW_ROWS: user('There are too few rows to judge a model', 'Use a larger part; at least 10 rows are needed.'),
  EVAL_BASELINE_INVALID: user('A baseline cannot be made', 'Correct the baseline as the message says.'),
  EVAL_RULE_RANGE: user(
    'The rule does not give a probability for every row',
    'Make the expression give a number from 0 to 1 for every row, for example with coalesce().',
  ),
  EVAL_SLICE_COLUMN: user('The column cannot be sliced by', 'Name columns of the evaluated rows with few values.'),
  EVAL_REPORT_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such evaluation report',
    remedy: 'Take the digest from the report output of an evaluate step or from a model version.',
  },
  EVAL_REPORT_OTHER_MODEL: user(
    'The report is about another model',
    'Connect the report of the evaluate step that had this very model as its input.',
  ),
});
