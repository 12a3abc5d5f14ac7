import { defineErrors } from '@fairlead/kernel';

export const numErrors = defineErrors('num', {
  NUM_SHAPE: {
    status: 400,
    fault: 'user',
    title: 'Arrays do not fit together',
    remedy: 'Give arrays of the lengths that the message states.',
  },
  NUM_RANGE: {
    status: 400,
    fault: 'user',
    title: 'A value lies outside its allowed range',
    remedy: 'Choose a value inside the range that the message states.',
  },
  NUM_NOT_FINITE: {
    status: 400,
    fault: 'user',
    title: 'A value is NaN or infinite',
    remedy: 'Impute or remove the value first.',
  },
  NUM_COLUMN: {
    status: 400,
    fault: 'user',
    title: 'A column is absent or of the wrong kind',
    remedy: 'Rename or convert the column, or change the specification.',
  },
  NUM_TOO_FEW: {
    status: 400,
    fault: 'user',
    title: 'Too little data for this computation',
    remedy: 'Give more rows, or fewer folds or groups.',
  },
  NUM_SEARCH_SPACE: {
    status: 400,
    fault: 'user',
    title: 'A search space cannot be searched',
    remedy: 'Correct the parameters that the message names.',
  },
  NUM_STUDY: {
    status: 400,
    fault: 'user',
    title: 'A study was asked or told something that does not fit it',
    remedy: 'Compare the call or the log with the study’s specification and state.',
  },
  NUM_HALTED: {
    status: 500,
    fault: 'system',
    title: 'A computation of several threads was given up because one of them failed',
    remedy: 'Look for the error of the thread that failed; this one only follows from it.',
  },
});
